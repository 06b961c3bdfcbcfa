package uarch

import "math"

// Event is one row of a table.
type Event struct {
	Uarch    string // key of the table
	PMU      string // may end in <n>: to be opened on every instance
	Role     string
	Name     string // the vendor's
	PerfName string // in Linux's own table; "" where that has no such event
	Meaning  string
	Source   string
	Fields   []Field // the code by field; what is 0 is left out, but for the event itself
	Code             // the finished code with the PMU's usual format
	Counters Counters

	FLOPs         Weight  // operations per count, fused multiply-adds already counted as two
	BytesPerCount float64 // NaN: no bytes; 0: counted without a transfer
	Precision     string  // fp64, fp32, fp16, bf16, x87, int8 or any; "" where it has none
	WidthBits     int     // register width, 0 where it has none
	Elements      int     // elements per register, 0 where unknown

	SysfsEvent  string   // the kernel's own name of it, in the PMU's events directory: to be preferred
	Scale       float64  // to Unit; 0: none
	Unit        string   // e.g. Joules
	VendorCode  string   // the vendor's own "event/umask" where the kernel's differs
	Alternative string   // event codes of equal meaning
	Errata      []string // the vendor's names of known faults
	Caveats     []string // keys of Caveat
	Suspect     bool     // the sources contradict themselves: not to be used
	Deprecated  bool
}

// Field returns the value of a field of the code; 0 where it is not set.
func (e Event) Field(name string) uint64 {
	for _, f := range e.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return 0
}

// Weight is the number of floating-point operations that one count stands for.
type Weight struct {
	stated    bool
	value     float64
	perVector bool // times VL/128
}

// Stated says whether the table has anything on operations: for an event of retired FP instructions whose weight nobody
// gives, it has not.
func (w Weight) Stated() bool { return w.stated }

// PerVector says whether the weight depends on the length of the SVE vectors.
func (w Weight) PerVector() bool { return w.perVector }

// Operations returns the weight, with vectors of so many bits where it depends on them. It is NaN where none can be given.
func (w Weight) Operations(vectorBits int) float64 {
	switch {
	case !w.stated:
		return math.NaN()
	case w.perVector && vectorBits <= 0:
		return math.NaN()
	case w.perVector:
		return float64(vectorBits) / 128
	}
	return w.value
}
