package analysis

import (
	"fmt"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// float says whether work is arithmetic that vectors of any width can do.
func float(w work) bool {
	switch w.class {
	case "fma", "fp add", "fp mul", "fp min/max", "fp div", "fp approx":
		return w.dtype == "f32" || w.dtype == "f64" || w.dtype == "f16"
	}
	return false
}

// widest is the width whose fused multiply-adds are the fastest, of a type.
func (m *model) widest(dtype string) (width string, c roofline.Ceiling, ok bool) {
	for _, w := range []string{"scalar", "128", "256", "512"} {
		if x, found := find(m.allowed, "compute.fma."+isaOf[w]+"."+dtype, m.threads); found && x.Value.Median > 1.02*c.Value.Median {
			width, c, ok = w, x, true
		}
	}
	return width, c, ok
}

// widen has all arithmetic of a width done in vectors of the widest kind; instructions, loads and stores shrink with it.
func (m *model) widen(from string) func(*facts) {
	lanes := map[string]float64{"scalar": 1, "128": 16, "256": 32, "512": 64}
	size := map[string]float64{"f64": 8, "f32": 4, "f16": 2}
	return func(f *facts) {
		for i := range f.phases {
			p := &f.phases[i]
			factor := 1.0
			for k := range p.work {
				w := &p.work[k]
				width, _, ok := m.widest(w.dtype)
				if !float(*w) || w.width != from || !ok {
					continue
				}
				has := lanes[from]
				if from != "scalar" {
					has /= size[w.dtype]
				}
				factor = max(factor, lanes[width]/size[w.dtype]/has)
				w.width = width
			}
			p.loads, p.stores, p.instructions = p.loads/factor, p.stores/factor, p.instructions/factor
			p.iterations /= factor // as many lanes are as many chains
		}
	}
}

// scalarCode finds arithmetic on single elements: all of it, or the tail behind vector loops.
func scalarCode(m *model) []roofline.Finding {
	all := m.flopsOf(float)
	scalar := m.flopsOf(func(w work) bool { return float(w) && w.width == "scalar" })
	if isGo(m) {
		scalar, all = m.executed(), m.executed()
	}
	if all == 0 || scalar/all < 0.02 {
		return nil
	}
	width, c, ok := m.widest(m.typeOf("scalar"))
	if !ok || width == "scalar" {
		return nil
	}
	share := scalar / all
	f := roofline.Finding{
		ID: "scalar-code", Cause: fmt.Sprintf("%.0f %% of the floating-point operations work on one element at a time", 100*share),
		Evidence: []string{
			fmt.Sprintf("%s of %s FLOPs are scalar (%s)", amount(scalar), amount(all), m.source()),
			fmt.Sprintf("%s reaches %s", c.ID, units.SI(c.Value.Median, c.Unit)),
		},
		Next: "vectorize the hot loop: contiguous accesses, restrict-qualified pointers, -O3 -march=native, or intrinsics",
	}
	if isGo(m) { // its instructions were not counted, but the compiler makes no vectors
		f.Cause = "plain Go code works on one element at a time"
		f.Next = "write the hot loop in assembly, or call a library's: the Go compiler makes no vectors"
	}
	if share < 0.5 {
		f.ID, f.Cause = "scalar-tail", fmt.Sprintf("a scalar tail does %.0f %% of the floating-point operations beside vector code", 100*share)
		f.Next = "handle the tail with masks, or overlap the last vector with the one before; pad the arrays to whole vectors"
	}
	if p, ok := m.hottest(func(w work) bool { return float(w) && w.width == "scalar" }); ok && m.instructions() > 0 {
		f.Evidence = append(f.Evidence, "most of it in "+p.name)
	}
	return m.cure(f, func(x *facts) {
		m.widen("scalar")(x)
		x.change(func(w *work) {
			if w.ceiling != "" && isGo(m) {
				w.ceiling, w.width = "", width
			}
		})
	})
}

// isGo says whether the run is plain Go code, whose instructions are not counted.
func isGo(m *model) bool { return m.kernel.ISA == "go" && m.instructions() == 0 && m.executed() > 0 }

// typeOf is the data type of most of the operations of a width, the run's own where there are none.
func (m *model) typeOf(width string) string {
	most, dtype := 0.0, m.dtype
	for _, t := range []string{"f32", "f64"} {
		if n := m.flopsOf(func(w work) bool { return float(w) && w.width == width && w.dtype == t }); n > most {
			most, dtype = n, t
		}
	}
	return dtype
}

// narrowVectors finds vectors narrower than the machine's best.
func narrowVectors(m *model) []roofline.Finding {
	all := m.flopsOf(float)
	var found []roofline.Finding
	for _, from := range []string{"128", "256"} {
		narrow := m.flopsOf(func(w work) bool { return float(w) && w.width == from })
		width, c, ok := m.widest(m.typeOf(from))
		if all == 0 || narrow/all < 0.2 || !ok || width <= from {
			continue
		}
		found = append(found, m.cure(roofline.Finding{
			ID: "narrow-vectors", Cause: fmt.Sprintf("%.0f %% of the floating-point operations are in vectors of %s bits; this machine has %s", 100*narrow/all, from, width),
			Evidence: []string{
				fmt.Sprintf("%s of %s FLOPs in %s-bit vectors (%s)", amount(narrow), amount(all), from, m.source()),
				fmt.Sprintf("%s reaches %s", c.ID, units.SI(c.Value.Median, c.Unit)),
			},
			Next: fmt.Sprintf("compile for the machine (-march=native -mprefer-vector-width=%s), or write the %s-bit variant", width, width),
		}, m.widen(from))...)
	}
	return found
}

// notFused finds products and sums that one instruction could do.
func notFused(m *model) []roofline.Finding {
	fma := m.flopsOf(func(w work) bool { return w.class == "fma" })
	add := m.flopsOf(func(w work) bool { return w.class == "fp add" })
	mul := m.flopsOf(func(w work) bool { return w.class == "fp mul" })
	pairs := 2 * min(add, mul)
	if all := fma + add + mul; all == 0 || pairs/all < 0.5 {
		return nil
	}
	return m.cure(roofline.Finding{
		ID: "no-fma", Cause: "products and sums are separate instructions although the processor fuses them",
		Evidence: []string{fmt.Sprintf("%s FLOPs by additions, %s by products, %s by fused multiply-adds (%s)", amount(add), amount(mul), amount(fma), m.source())},
		Next:     "compile with -mfma -ffp-contract=fast, or use the fused intrinsics; results then round once, not twice",
	}, fuse(add, mul))
}

// fuse has products and sums done by fused multiply-adds, as far as they come in pairs.
func fuse(add, mul float64) func(*facts) {
	return func(x *facts) {
		pairs := min(add, mul)
		for i := range x.phases {
			p := &x.phases[i]
			var fused []work
			for k := range p.work {
				w := &p.work[k]
				share := 0.0
				switch {
				case w.class == "fp add" && add > 0:
					share = pairs / add
				case w.class == "fp mul" && mul > 0:
					share = pairs / mul
				default:
					continue
				}
				n := *w
				n.class, n.flops, n.full, n.instructions = "fma", w.flops*share, w.full*share, w.instructions*share/2
				fused = append(fused, n)
				w.flops, w.full, w.instructions = w.flops*(1-share), w.full*(1-share), w.instructions*(1-share)
			}
			p.work = append(p.work, fused...)
			if p.cycles >= 6 { // a product and a sum in the chain become one instruction of 4 cycles
				p.cycles -= 2
			}
		}
	}
}

// maskedLanes finds lanes that are off in much of the arithmetic.
func maskedLanes(m *model) []roofline.Finding {
	on, all := m.executed(), m.full()
	if on == 0 || all/on < 1.1 {
		return nil
	}
	return m.cure(roofline.Finding{
		ID: "masked-lanes", Cause: fmt.Sprintf("%.0f %% of the lanes that instructions occupy are switched off or padding", 100*(1-on/all)),
		Evidence: []string{fmt.Sprintf("%s operations executed, %s by all lanes (%s)", amount(on), amount(all), m.source())},
		Next:     "choose a size or a tile that is a multiple of the vector, or give the remainder a narrower kernel",
	}, func(x *facts) { x.change(func(w *work) { w.full = w.flops }) })
}

// extraWork finds operations that the algorithm does not need.
func extraWork(m *model) []roofline.Finding {
	executed := m.executed()
	if m.algorithmic == 0 || executed/m.algorithmic < 1.3 {
		return nil
	}
	factor := m.algorithmic / executed
	return m.cure(roofline.Finding{
		ID: "extra-work", Cause: fmt.Sprintf("%.2f× the algorithm's operations are executed", executed/m.algorithmic),
		Evidence: []string{fmt.Sprintf("%s executed (%s), %s by the shape (analytic)", amount(executed), m.source(), amount(m.algorithmic))},
		Next:     "look for recomputation, reductions over lanes inside the loop, and an exponential where fewer would do",
	}, func(x *facts) {
		x.change(func(w *work) { w.flops, w.full = w.flops*factor, w.full*factor })
	})
}

// hottest is the phase with most of the work that is chosen.
func (m *model) hottest(chosen func(work) bool) (hot phase, ok bool) {
	most := 0.0
	for _, p := range m.phases {
		n := 0.0
		for _, w := range p.work {
			if chosen(w) {
				n += w.instructions
			}
		}
		if n > most {
			hot, most, ok = p, n, true
		}
	}
	return hot, ok
}

// source is who counted the operations.
func (m *model) source() string {
	if c, ok := m.kernel.Count("flops"); ok {
		return string(c.Source)
	}
	return "not counted"
}
