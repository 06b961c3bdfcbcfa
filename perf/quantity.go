package perf

import "slices"

// Detail quantities. A source that knows them returns them beside the wanted ones, unasked; where no source does they do
// not appear at all, since nobody asked. All are per call of the workload, summed over its workers.
const (
	ReferenceCycles Quantity = "cycles.ref"      // at the constant reference clock
	AMXBusy         Quantity = "cycles.amx_busy" // cycles in which the tile unit worked; no count of operations
	Loads           Quantity = "loads"           // executed instructions that read memory
	Stores          Quantity = "stores"          // executed instructions that write memory
	BytesLoaded     Quantity = "bytes.L1.load"   // the part of bytes.L1 that the core reads
	BytesStored     Quantity = "bytes.L1.store"  // the part of bytes.L1 that the core writes
	FLOPsFMA        Quantity = "flops.fma"       // the part of flops that fused multiply-adds execute
	FLOPsAsPMU      Quantity = "flops.as_pmu"    // what FP_ARITH_INST_RETIRED would make of it: masked-off lanes included, tiles not
	BytesL2Fill     Quantity = "bytes.L2.fill"   // the part of bytes.L2 that is brought into L1
	BytesL3Fill     Quantity = "bytes.L3.fill"   // the part of bytes.L3 that is brought into L2
	BytesDRAMRead   Quantity = "bytes.DRAM.read"
	BytesDRAMWrite  Quantity = "bytes.DRAM.write"
	EnergyPackage   Quantity = "energy.package" // J
	EnergyDRAM      Quantity = "energy.dram"    // J

	// Top-down level 1, in issue slots; a share is one of the four over the sum.
	SlotsRetiring Quantity = "topdown.retiring"
	SlotsBadSpec  Quantity = "topdown.bad_speculation"
	SlotsFrontend Quantity = "topdown.frontend_bound"
	SlotsBackend  Quantity = "topdown.backend_bound"
)

// Known lists the quantities in the order in which tables and reports show them.
var Known = []Quantity{
	FLOPs, Instructions, Cycles,
	BytesL1, BytesL2, BytesL3, BytesDRAM,
	MissesL1, MissesL2, MissesL3,
	ContextSwitches, InvoluntarySwitches, Migrations, PageFaults,
}

// Named says whether q is a quantity that a source may count: one of Known, or a detail.
func Named(q Quantity) bool {
	switch q {
	case ReferenceCycles, AMXBusy, Loads, Stores, BytesLoaded, BytesStored, FLOPsFMA, FLOPsAsPMU, BytesL2Fill, BytesL3Fill, BytesDRAMRead, BytesDRAMWrite, EnergyPackage, EnergyDRAM,
		SlotsRetiring, SlotsBadSpec, SlotsFrontend, SlotsBackend:
		return true
	}
	for _, d := range []string{"f64", "f32", "f16", "bf16", "int8"} {
		for _, w := range []Width{"", Scalar, Bits128, Bits256, Bits512, Tile} {
			if q == FLOPsOf(d, w) && d != "int8" || q == IntOpsOf(d, w) && d == "int8" {
				return true
			}
		}
	}
	return slices.Contains(Known, q)
}

// Width is the register width an operation works on: scalar, 128, 256 or 512 bits, or a tile (amx).
type Width string

// The widths.
const (
	Scalar  Width = "scalar"
	Bits128 Width = "128"
	Bits256 Width = "256"
	Bits512 Width = "512"
	Tile    Width = "amx"
)

// FLOPsOf is the quantity of floating-point operations of one precision (f64, f32, f16, bf16) and width, e.g.
// flops.f32.512. With an empty width it is all of that precision, e.g. flops.f32.
func FLOPsOf(dtype string, w Width) Quantity { return dotted("flops", dtype, w) }

// FPUopsOf is the quantity of floating-point micro-operations that work on registers of one width, e.g. fpuops.256. It
// counts instructions' parts, not operations on elements, and moves and compares among them.
func FPUopsOf(w Width) Quantity { return Quantity("fpuops." + string(w)) }

// IntOpsOf is the quantity of integer multiply-accumulate operations (a multiply and an add are two) of one element type
// and width, e.g. intops.int8.amx.
func IntOpsOf(dtype string, w Width) Quantity { return dotted("intops", dtype, w) }

func dotted(what, dtype string, w Width) Quantity {
	q := what + "." + dtype
	if w != "" {
		q += "." + string(w)
	}
	return Quantity(q)
}
