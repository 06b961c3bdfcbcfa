package flops

import (
	"sync"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// Op is what one execution of an instruction counts as.
type Op struct {
	Class   Class
	DType   string // of what is counted: f64 f32 f16 bf16 f80, int8 int16; "" when nothing is
	Integer bool   // multiply-accumulate of integers: operations are not FLOPs
	Width   perf.Width
	Lanes   int // of the result; 0 for tiles, see Tile
	PerLane int // operations of each lane
	PMU     int // what FP_ARITH_INST_RETIRED (f16: …RETIRED2) adds
	Tile    bool
	FMA     bool // fused multiply-add
}

// Counted reports that the instruction executes operations.
func (o Op) Counted() bool { return o.PerLane > 0 }

// Operations of an execution with that many lanes on.
func (o Op) Operations(lanes int) int { return o.PerLane * lanes }

// TileOperations of a tile product: rows and columns of 4 bytes of the result, and columns of 4 bytes of the first source.
func (o Op) TileOperations(rows, cols, inner int) int { return o.PerLane * rows * cols * inner }

// Of tells what in counts as.
func Of(in *decode.Inst) Op {
	k := kindOf(in.Mnemonic)
	op := Op{Class: k.class}
	if in.Attr&decode.StringOp != 0 { // movsd and cmpsd are also names of SSE
		op.Class = String
	}
	if op.Class == Move && in.HasMem && in.Mem.Broadcast {
		op.Class = Broadcast
	}
	if k.perLane == 0 {
		return op
	}
	op.DType, op.Integer, op.PerLane, op.PMU, op.FMA = k.dtype, k.integer, k.perLane, k.pmu, k.class == FMA
	switch {
	case k.tile:
		op.Tile, op.Width = true, perf.Tile
	case k.scalar:
		op.Width, op.Lanes = perf.Scalar, 1
	case in.VL == 0: // MMX
		op.Width, op.Lanes = perf.Width("64"), 8/k.laneBytes
	default:
		op.Width = map[uint8]perf.Width{16: perf.Bits128, 32: perf.Bits256, 64: perf.Bits512}[in.VL]
		op.Lanes = int(in.VL) / k.laneBytes
	}
	return op
}

// kinds are the answers so far, by mnemonic.
var kinds sync.Map

func kindOf(m decode.Mnemonic) kind {
	if k, ok := kinds.Load(m); ok {
		return k.(kind)
	}
	k := classify(m.String())
	kinds.Store(m, k)
	return k
}
