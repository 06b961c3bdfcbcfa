package perf

// Known lists the quantities in the order in which tables and reports show them.
var Known = []Quantity{
	FLOPs, Instructions, Cycles,
	BytesL1, BytesL2, BytesL3, BytesDRAM,
	MissesL1, MissesL2, MissesL3,
	ContextSwitches, InvoluntarySwitches, Migrations, PageFaults,
}

// Merge gathers the counts of several sources that are preferred in the order given, whatever the quantity: see Choice.Merge.
func Merge(order []SourceName, maps ...map[Quantity]Count) map[Quantity][]Count {
	return Choice{Sources: order, Explicit: true}.Merge("", maps...)
}
