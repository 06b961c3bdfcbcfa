package instrument

import (
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/flops"
)

// Kind is a precision and a width of operations.
type Kind struct {
	DType   string
	Width   perf.Width
	Integer bool // multiply-accumulate of integers, not floating point
}

// Totals sums up what a profile executed.
type Totals struct {
	Instructions uint64
	Operations   map[Kind]uint64 // executed, by lanes that were on; see package flops
	PMU          map[Kind]uint64 // what FP_ARITH_INST_RETIRED would read for precision and width, in its own unit
	FMA          uint64          // of the floating-point operations: those of fused multiply-adds
	Loads        uint64          // instructions that read memory
	Stores       uint64
	BytesLoaded  uint64
	BytesStored  uint64
	LoadsBy      map[int]uint64 // loads by bytes of one access; tiles, gathers and scatters by their rows and elements
	StoresBy     map[int]uint64
	Mix          map[flops.Class]uint64 // instructions

	classes map[mixKey]mixCount // the same by width and type
}

func newTotals() *Totals {
	return &Totals{Operations: map[Kind]uint64{}, PMU: map[Kind]uint64{}, LoadsBy: map[int]uint64{}, StoresBy: map[int]uint64{}, Mix: map[flops.Class]uint64{}, classes: map[mixKey]mixCount{}}
}

// FLOPs are the executed floating-point operations of all precisions.
func (t *Totals) FLOPs() (sum uint64) {
	for k, n := range t.Operations {
		if !k.Integer {
			sum += n
		}
	}
	return sum
}

// PMUFLOPs are the floating-point operations that FP_ARITH_INST_RETIRED would make of the same instructions: its counts times
// the lanes of their width, masks ignored, dot products of BF16 and tiles left out.
func (t *Totals) PMUFLOPs() (sum uint64) {
	for k, n := range t.PMU {
		sum += n * uint64(lanes(k))
	}
	return sum
}

func lanes(k Kind) int {
	bytes := map[perf.Width]int{perf.Bits128: 16, perf.Bits256: 32, perf.Bits512: 64}[k.Width]
	return max(bytes/map[string]int{"f64": 8, "f32": 4, "f16": 2}[k.DType], 1)
}

// IntOps are the executed multiply-accumulate operations on integers.
func (t *Totals) IntOps() (sum uint64) {
	for k, n := range t.Operations {
		if k.Integer {
			sum += n
		}
	}
	return sum
}

// Totals sums up all blocks.
func (p *Profile) Totals() (*Totals, error) {
	t := newTotals()
	for i := range p.Blocks {
		if err := t.add(&p.Blocks[i]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Totals sums up one block.
func (b *BlockCount) Totals() (*Totals, error) {
	t := newTotals()
	return t, t.add(b)
}

func (t *Totals) add(b *BlockCount) error {
	insts, err := b.Insts()
	if err != nil {
		return err
	}
	for k := range insts {
		in := &insts[k]
		t.Instructions += b.Executions
		t.operations(b, k, in)
		t.memory(b, k, in)
	}
	return nil
}

// fullTile is the rows of the largest tile, and its columns of 4 bytes.
const fullTile = 16

// operations adds what instruction k of a block executed.
func (t *Totals) operations(b *BlockCount, k int, in *decode.Inst) {
	op := flops.Of(in)
	t.Mix[op.Class] += b.Executions
	if !op.Counted() {
		t.counted(op, in, b.Executions, 0, 0)
		return
	}
	kind := Kind{op.DType, op.Width, op.Integer}
	var n uint64
	full := b.Executions * uint64(op.Operations(op.Lanes))
	if op.Tile {
		full = b.Executions * uint64(op.TileOperations(fullTile, fullTile, fullTile))
		for _, c := range b.Tiles {
			dst, src := in.Args[0].Reg, in.Args[1].Reg
			n += c.Executions * uint64(op.TileOperations(c.Config.Rows(dst), c.Config.RowBytes(dst)/4, c.Config.RowBytes(src)/4))
		}
	} else if lanes, masked := b.Lanes[k]; masked {
		n = uint64(op.PerLane) * lanes
	} else {
		n = full
	}
	t.counted(op, in, b.Executions, n, full)
	t.Operations[kind] += n
	if op.PMU > 0 {
		t.PMU[kind] += b.Executions * uint64(op.PMU)
	}
	if op.FMA {
		t.FMA += n
	}
}

// memory adds the accesses of instruction k of a block.
func (t *Totals) memory(b *BlockCount, k int, in *decode.Inst) {
	if in.Loads() {
		t.Loads += b.Executions
	}
	if in.Stores() {
		t.Stores += b.Executions
	}
	var accesses []decode.MemOperand
	if in.HasMem {
		accesses = append(accesses, in.Mem)
	}
	implicit, n := in.Implicit()
	for _, m := range append(accesses, implicit[:n]...) {
		for _, part := range parts(b, k, in, &m) {
			if m.Access.Reads() {
				t.LoadsBy[part.size] += part.times
				t.BytesLoaded += uint64(part.size) * part.times
			}
			if m.Access.Writes() {
				t.StoresBy[part.size] += part.times
				t.BytesStored += uint64(part.size) * part.times
			}
		}
	}
}

// part is a number of accesses of one size.
type part struct {
	size  int
	times uint64
}

// parts takes a memory operand apart into what the executions of a block accessed. An embedded broadcast counts as one
// element, whatever its mask.
func parts(b *BlockCount, k int, in *decode.Inst, m *decode.MemOperand) []part {
	lanes, masked := b.Lanes[k]
	switch {
	case m.Access == decode.NoAccess:
		return nil
	case in.Attr&decode.TileMemory != 0:
		var out []part
		for _, c := range b.Tiles {
			tile := tileOperand(in)
			out = append(out, part{c.Config.RowBytes(tile), c.Executions * uint64(c.Config.Rows(tile))})
		}
		return out
	case in.Attr&decode.Repeated != 0:
		return []part{{int(m.Size), b.Repeats[k]}}
	case m.VSIB != 0:
		return []part{{int(m.ElemSize), lanes}}
	case m.Broadcast:
		return []part{{int(m.ElemSize), b.Executions}}
	case masked && in.Attr&(decode.LaneMasked|decode.VectorMasked|decode.Compress|decode.Expand) != 0:
		return []part{{int(m.ElemSize), lanes}}
	}
	return []part{{int(m.Size), b.Executions}}
}

// tileOperand is the tile that an instruction loads or stores.
func tileOperand(in *decode.Inst) uint8 {
	for _, a := range in.Args[:in.NArgs] {
		if a.Class == decode.Tile {
			return a.Reg
		}
	}
	return 0
}
