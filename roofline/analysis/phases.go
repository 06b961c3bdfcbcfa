package analysis

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// window is how many instructions a core may have in flight: no reorder buffer in use is larger (512 on Golden Cove, 448 on
// Zen 5, 320 on Zen 4). Code that runs alone for longer cannot be hidden behind what surrounds it.
const window = 512

// phasesOf divides what a run executed: each innermost loop, or long straight code, that runs alone for at least a window each
// time it is entered is a phase; the rest is one more. Where no instructions were counted there is one phase with the work
// that is known.
func phasesOf(run *roofline.Run) []phase {
	a := run.Analysis
	if a == nil || len(a.Mix) == 0 {
		p := phase{name: run.Kernel, bytes: value(run, perf.BytesL1)}
		if flops := run.FLOPs(); flops > 0 {
			p.work = []work{{class: "fma", dtype: run.DType, flops: flops, full: flops, ceiling: run.Roof}}
		}
		return []phase{p}
	}
	rest := phase{name: "the rest", work: workOf(a.Mix), bytes: value(run, perf.BytesL1), loads: value(run, perf.Loads), stores: value(run, perf.Stores)}
	for _, m := range a.Mix {
		rest.instructions += m.Instructions
	}
	var phases []phase
	for i := range a.Blocks {
		if p, ok := phaseOf(a.Blocks, i); ok {
			phases = append(phases, p)
			rest.take(p)
		}
	}
	if len(phases) == 0 {
		rest.name = "all"
	}
	if rest.instructions > 0 {
		phases = append(phases, rest)
	}
	return phases
}

// phaseOf makes a phase of a loop, or of a long block outside of loops.
func phaseOf(blocks []roofline.Block, i int) (p phase, ok bool) {
	b := &blocks[i]
	if b.Executions <= 0 {
		return p, false
	}
	p = phase{name: blockName(b)}
	if b.Loop != nil {
		p.iterations, p.cycles, p.chained, p.chain = b.Executions, b.Loop.Cycles, b.Loop.Loads, b.Loop.Chain
	}
	entries := b.Executions
	if b.Loop != nil { // a loop is entered at most as often as the code around it is executed
		entries = 1
	}
	for k := range blocks {
		o := &blocks[k]
		switch {
		case o.Function != b.Function:
		case k != i && o.Loop != nil && o.Loop.Begin <= b.Offset && b.Offset < o.Offset: // part of that loop
			return p, false
		case k == i, b.Loop != nil && o.Offset >= b.Loop.Begin && o.Offset < b.Offset:
			p.add(o)
		case b.Loop != nil && o.Executions < b.Executions && o.Loop == nil:
			entries = max(entries, o.Executions)
		}
	}
	return p, p.instructions/entries >= window
}

// add adds what a block executed.
func (p *phase) add(b *roofline.Block) {
	p.work = append(p.work, workOf(b.Mix)...)
	p.instructions += b.Instructions
	p.bytes += b.Bytes
	p.loads += b.Loads
	p.stores += b.Stores
}

// take takes the work of a part away from the whole.
func (p *phase) take(part phase) {
	p.instructions = max(p.instructions-part.instructions, 0)
	p.bytes = max(p.bytes-part.bytes, 0)
	p.loads = max(p.loads-part.loads, 0)
	p.stores = max(p.stores-part.stores, 0)
	for _, w := range part.work {
		for i := range p.work {
			if o := &p.work[i]; o.class == w.class && o.width == w.width && o.dtype == w.dtype {
				from(&o.instructions, &w.instructions)
				from(&o.flops, &w.flops)
				from(&o.full, &w.full)
			}
		}
	}
}

// from takes what there is of an amount.
func from(have, amount *float64) {
	n := min(*have, *amount)
	*have -= n
	*amount -= n
}

func workOf(mix []roofline.MixEntry) (list []work) {
	for _, m := range mix {
		list = append(list, work{class: m.Class, width: m.Width, dtype: m.DType, instructions: m.Instructions, flops: m.FLOPs, full: max(m.FLOPs, m.Full)})
	}
	return list
}

// blockName is the function without its package, and the offset.
func blockName(b *roofline.Block) string {
	return fmt.Sprintf("%s+%#x", b.Function[strings.LastIndexByte(b.Function, '.')+1:], b.Offset)
}
