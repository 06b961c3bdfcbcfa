package instrument

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/flops"
)

const (
	mostBlocks = 8  // that a detail has
	mostCode   = 40 // instructions of a block that it shows
	leastShare = 0.001
)

// CountInDetail implements perf.Detailer: the instruction mix, the hottest blocks, and what each worker executed.
func (s Source) CountInDetail(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, *perf.Detail, error) {
	p, why, err := s.profile(ctx, w)
	if why != "" {
		return perf.AllMissing(perf.SourceInstrumented, want, why), nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("count %s: %w", w.ID(), err)
	}
	counts, err := p.counts(want)
	if err != nil {
		return nil, nil, err
	}
	d, err := p.Detail()
	return counts, d, err
}

// CountInDetail implements perf.Detailer: what each level does for each array, with the kinds of misses.
func (s Simulated) CountInDetail(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, *perf.Detail, error) {
	s.kinds = innerKinds
	summary, why, err := s.summary(ctx, w)
	if why != "" {
		return perf.AllMissing(perf.SourceSimulated, want, why), nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("simulate %s: %w", w.ID(), err)
	}
	return countsOf(summary.Summary, want), &perf.Detail{Caches: summary.levels()}, nil
}

// Detail describes what the profile executed.
func (p *Profile) Detail() (*perf.Detail, error) {
	all, err := p.Totals()
	if err != nil {
		return nil, err
	}
	d := &perf.Detail{Mix: all.mix(all.Instructions)}
	for _, n := range p.Workers {
		d.Workers = append(d.Workers, float64(n))
	}
	type hot struct {
		*BlockCount
		*Totals
	}
	var list []hot
	entries := map[string]uint64{} // of functions, as far as is known
	for i := range p.Blocks {
		b := &p.Blocks[i]
		t, err := b.Totals()
		if err != nil {
			return nil, err
		}
		list = append(list, hot{b, t})
		if e, ok := entries[b.Function]; !ok || b.Addr < e {
			entries[b.Function] = b.Addr
		}
		if b.Entry != 0 {
			entries[b.Function] = b.Entry
		}
	}
	slices.SortStableFunc(list, func(a, b hot) int { return cmp.Compare(b.Instructions, a.Instructions) })
	for _, h := range list {
		share := float64(h.Instructions) / float64(all.Instructions)
		if len(d.Blocks) == mostBlocks || share < leastShare {
			break
		}
		insts, err := h.Insts()
		if err != nil {
			return nil, err
		}
		d.Blocks = append(d.Blocks, perf.Block{
			Function: h.Function, Offset: h.Addr - entries[h.Function], Executions: float64(h.Executions),
			Instructions: float64(h.Instructions), Share: share, FLOPs: float64(h.FLOPs() + h.IntOps()),
			Bytes: float64(h.BytesLoaded + h.BytesStored), Loads: float64(h.Loads), Stores: float64(h.Stores),
			Code: listing(insts, entries[h.Function]), Mix: h.mix(all.Instructions), Loop: p.loop(h.BlockCount, insts, entries[h.Function]),
		})
	}
	return d, nil
}

// listing is the disassembly of a block; where branches go is told from the function's entry.
func listing(insts []decode.Inst, entry uint64) (code []string) {
	for i := range insts {
		if i == mostCode && len(insts) > mostCode+1 {
			return append(code, fmt.Sprintf("… %d more instructions", len(insts)-i))
		}
		text := insts[i].String()
		if in := &insts[i]; in.Control.Direct() && in.Target >= entry {
			text = fmt.Sprintf("%s +%#x", in.Mnemonic, in.Target-entry)
		}
		code = append(code, text)
	}
	return code
}

// loop describes the innermost loop whose branch back ends this block; nil where it ends none.
func (p *Profile) loop(b *BlockCount, insts []decode.Inst, entry uint64) *perf.Loop {
	if len(insts) == 0 {
		return nil
	}
	end := &insts[len(insts)-1]
	if end.Control != decode.CondJump && end.Control != decode.CountJump && end.Control != decode.Jump || end.Target > b.Addr || end.Target == 0 {
		return nil
	}
	if end.Target == b.Addr {
		return begin(loopOf(insts, cpu.AddsForward()), b.Addr-entry)
	}
	var body []decode.Inst
	next := end.Target
	for i := range p.Blocks { // by address
		x := &p.Blocks[i]
		if x.Addr < next || x.Addr > b.Addr {
			continue
		}
		if x.Executions > b.Executions+b.Executions/2 { // a loop inside
			return nil
		}
		if 10*x.Executions < 9*b.Executions { // not on the way of most iterations
			continue
		}
		part, err := x.Insts()
		if err != nil {
			return nil
		}
		body = append(body, part...)
		next = part[len(part)-1].Next()
	}
	return begin(loopOf(body, cpu.AddsForward()), end.Target-entry)
}

func begin(l *perf.Loop, offset uint64) *perf.Loop {
	if l != nil {
		l.Begin = offset
	}
	return l
}

// mixKey tells entries of a mix apart.
type mixKey struct {
	class flops.Class
	width perf.Width
	dtype string
}

// mixCount is one entry's counts.
type mixCount struct{ instructions, operations, full uint64 }

// mix lists the classes of executed instructions, most first; shares are of all.
func (t *Totals) mix(all uint64) []perf.MixEntry {
	keys := slices.SortedFunc(maps.Keys(t.classes), func(a, b mixKey) int {
		return cmp.Or(cmp.Compare(t.classes[b].instructions, t.classes[a].instructions), cmp.Compare(a.class, b.class),
			cmp.Compare(a.width, b.width), cmp.Compare(a.dtype, b.dtype))
	})
	var list []perf.MixEntry
	for _, k := range keys {
		n := t.classes[k]
		e := perf.MixEntry{
			Class: k.class.String(), Width: string(k.width), DType: k.dtype, Instructions: float64(n.instructions),
			Share: float64(n.instructions) / float64(max(all, 1)), FLOPs: float64(n.operations),
		}
		if n.full > n.operations {
			e.Full = float64(n.full)
		}
		list = append(list, e)
	}
	return list
}

// counted adds executions of an instruction to the mix: operations executed, and those of all its lanes.
func (t *Totals) counted(op flops.Op, in *decode.Inst, executions, operations, full uint64) {
	k := mixKey{op.Class, op.Width, op.DType}
	switch {
	case op.Width != "":
	case in.VL > 0 && (in.Lanes == 1 || in.HasMem && in.Mem.Size <= 8 && in.Mem.VSIB == 0 && op.Class == flops.Move):
		k.width = perf.Scalar // movss and the like
	case in.VL > 0:
		k.width = map[uint8]perf.Width{16: perf.Bits128, 32: perf.Bits256, 64: perf.Bits512}[in.VL]
	}
	n := t.classes[k]
	n.instructions += executions
	n.operations += operations
	n.full += full
	t.classes[k] = n
}

// traced is a simulation with the sizes of the arrays it told apart.
type traced struct {
	sim.Summary
	sizes map[string]int64
}

// levels describes what each level did.
func (s *traced) levels() (list []perf.CacheLevel) {
	for i, l := range s.Levels {
		level := perf.CacheLevel{Level: l.Level, Total: cacheCounts(l.Total)}
		if i < len(s.Caches) {
			level.Size = s.Caches[i].Bytes
		}
		for _, a := range l.Arrays {
			level.Arrays = append(level.Arrays, perf.CacheArray{Array: a.Array, Size: s.sizes[a.Array], CacheCounts: cacheCounts(a.Counts)})
		}
		list = append(list, level)
	}
	return list
}

func cacheCounts(c sim.Counts) perf.CacheCounts {
	n := perf.CacheCounts{
		Accesses: float64(c.Accesses), Stores: float64(c.Stores), Misses: float64(c.Misses),
		WriteBacks: float64(c.WriteBacks), Bytes: float64(c.Bytes),
	}
	n.Capacity = n.Misses
	if k := c.Kinds; k != nil {
		n.Capacity, n.Conflict, n.Other = float64(k.Capacity), float64(k.Conflict), float64(k.Compulsory+k.Invalidation)
	}
	return n
}
