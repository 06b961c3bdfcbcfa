package analysis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// isaOf is the name that ceilings have for a width.
var isaOf = map[string]string{"scalar": "scalar", "128": "sse", "256": "avx2", "512": "avx512"}

// find looks a ceiling up; ok is false where it was not measured with so many threads.
func find(ceilings []roofline.Ceiling, id string, threads int) (c roofline.Ceiling, ok bool) {
	i := slices.IndexFunc(ceilings, func(c roofline.Ceiling) bool { return c.ID == id && c.Threads == threads && c.Value.Median > 0 })
	if i < 0 {
		return c, false
	}
	return ceilings[i], true
}

// pipe is the ceiling of one class of operations.
func (m *model) pipe(w work) (c roofline.Ceiling, ok bool) {
	id := w.ceiling
	if id == "" {
		op := map[string]string{"fma": "fma", "fp add": "add", "fp mul": "mul"}[w.class]
		switch {
		case w.class == "tile dot":
			id = "compute.amx." + w.dtype
		case w.class == "dot" && w.dtype == "bf16":
			id = "compute.dot.avx512.bf16"
		case w.class == "dot" && w.dtype == "int8":
			id = "compute.vnni.avx512.int8"
		case op == "" || w.flops == 0:
			return c, false
		case w.dtype == "f16":
			id = "compute.fma.avx512.f16"
		default:
			id = "compute." + op + "." + isaOf[w.width] + "." + w.dtype
		}
	}
	return find(m.ceilings, id, m.threads)
}

// best is the highest ceiling of a data type that m's instruction sets have. Where they have none of a narrow floating-point
// type it is that of f32, to which such numbers are widened then.
func (m *model) best(dtype string) (c roofline.Ceiling, ok bool) {
	c, ok = roofline.Run{DType: dtype, Threads: m.threads}.ComputeRoof(m.allowed)
	if !ok && (dtype == "f16" || dtype == "bf16") {
		return m.best("f32")
	}
	return c, ok
}

// widest is the highest ceiling of fused multiply-adds of a type in vectors of a width.
func (m *model) fused(w work) (c roofline.Ceiling, ok bool) {
	if w.ceiling != "" || w.class == "tile dot" || w.class == "dot" || w.dtype == "f16" {
		return m.pipe(w)
	}
	return find(m.ceilings, "compute.fma."+isaOf[w.width]+"."+w.dtype, m.threads)
}

// separate says whether additions have pipes of their own: a loop of FMAs and additions in turns is then faster than the two
// take one after the other, 3/(2/F + 1/A) operations a second.
func (m *model) separate(w work) bool {
	suffix := "." + isaOf[w.width] + "." + w.dtype
	both, ok := find(m.ceilings, "compute.fmaadd"+suffix, m.threads)
	f, okF := find(m.ceilings, "compute.fma"+suffix, m.threads)
	a, okA := find(m.ceilings, "compute.add"+suffix, m.threads)
	return !ok || !okF || !okA || both.Value.Median > 1.1*3/(2/f.Value.Median+1/a.Value.Median)
}

// pipes are the seconds that the arithmetic of a phase needs: multipliers (FMA, products, dot products) add up, since they are
// the same pipes; additions add to them unless they have pipes of their own; tiles have a unit of their own.
func (m *model) pipes(list []work) float64 {
	var multiply, add, tiles float64
	shared := true
	for _, w := range list {
		c, ok := m.pipe(w)
		if !ok {
			continue
		}
		seconds := w.full / c.Value.Median
		switch w.class {
		case "tile dot":
			tiles += seconds
		case "fp add":
			add += seconds
			shared = shared && !m.separate(w)
		default:
			multiply += seconds
		}
	}
	if shared {
		return max(multiply+add, tiles)
	}
	return max(multiply, add, tiles)
}

// resources are the pipes and levels by ceiling, with the whole work of the run, the slowest first.
func (m *model) resources() []roofline.Resource {
	at := map[string]int{}
	var list []roofline.Resource
	put := func(c roofline.Ceiling, amount float64, unit string) {
		i, known := at[c.ID]
		if !known {
			i = len(list)
			at[c.ID] = i
			list = append(list, roofline.Resource{Ceiling: c.ID, Unit: unit})
		}
		list[i].Work += amount
		list[i].Seconds += amount / c.Value.Median
	}
	for _, p := range m.phases {
		for _, w := range p.work {
			if c, ok := m.pipe(w); ok && w.full > 0 {
				put(c, w.full, strings.TrimSuffix(c.Unit, "/s"))
			}
		}
	}
	if bytes := m.l1(); bytes > 0 {
		if c, ok := m.bandwidth("L1"); ok {
			put(c, bytes, "B")
		}
	}
	for _, level := range roofline.Levels[1:] {
		if c, ok := m.bandwidth(level); ok && m.traffic[level] > 0 {
			put(c, m.traffic[level], "B")
		}
	}
	slices.SortStableFunc(list, func(a, b roofline.Resource) int { return cmp.Compare(b.Seconds, a.Seconds) })
	return list
}
