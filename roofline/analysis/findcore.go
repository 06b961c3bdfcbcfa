package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// dependentChain finds loops whose iterations wait for each other longer than the work of an iteration takes.
func dependentChain(m *model) (found []roofline.Finding) {
	for i, p := range m.phases {
		chain, own := m.chain(p), max(m.pipes(p.work), m.ports(p), m.storing(p))
		if chain <= 0 || chain < 1.3*own {
			continue
		}
		if p.chained == 0 && p.cycles <= 1 { // every loop has that: its counter
			found = append(found, m.cure(shortLoop(p, chain, own), func(x *facts) { x.phases[i].cycles = 0 })...)
			continue
		}
		ratio := chain / max(own, chain/64)
		f := roofline.Finding{
			ID: "dependent-chain", Cause: fmt.Sprintf("each iteration of %s waits for the one before: %s", p.name, chainText(p)),
			Evidence: []string{
				fmt.Sprintf("%s iterations × %s take at least %s (dependences in the executed code)", amount(p.iterations), chainText(p), duration(chain)),
				fmt.Sprintf("its arithmetic and loads would take %s", duration(own)),
				"chain: " + strings.Join(p.chain[:min(len(p.chain), 4)], "; "),
			},
			Next: fmt.Sprintf("use %.0f independent accumulators and add them up at the end (for a sum of floats also -ffast-math)", math.Ceil(min(ratio, 16))),
		}
		if !isSum(p.chain) {
			f.Next = fmt.Sprintf("work on %.0f independent problems side by side, or change the recurrence: it is no sum that could be split", math.Ceil(min(ratio, 16)))
		}
		inMemory := false
		for _, c := range p.chain {
			inMemory = inMemory || strings.Contains(c, " PTR [") && strings.Index(c, "[") < strings.LastIndex(c, ",") && strings.Contains(c, "mov")
		}
		switch {
		case p.chained > 0:
			f.ID = "pointer-chase"
			f.Evidence[0] = fmt.Sprintf("%s loads in a row at %s each (latency.* and simulated misses)", amount(p.iterations*p.chained), duration(m.hop))
			f.Next = "make the addresses independent: an index array instead of links, several lists side by side, or elements stored in the order of their use"
		case inMemory:
			f.ID, f.Cause = "store-forwarding", fmt.Sprintf("%s keeps its sum in memory: each iteration stores it and the next one loads it", p.name)
			f.Next = "keep the sum in a register and store it once behind the loop (restrict-qualified pointers let the compiler do it)"
		}
		found = append(found, m.cure(f, func(x *facts) { x.phases[i].cycles, x.phases[i].chained = 0, 0 })...)
	}
	return found
}

// isSum says whether a chain does nothing but add up, or look for the largest or least, so that it can be split into several.
func isSum(chain []string) bool {
	for i, c := range chain {
		name, _, _ := strings.Cut(c, " ")
		sums := func(part string) bool { return strings.Contains(name, part) }
		if !slices.ContainsFunc([]string{"add", "sub", "max", "min", "dp", "mov", "lea", "inc", "dec"}, sums) ||
			multiplies(c, chain[(i+len(chain)-1)%len(chain)]) {
			return false
		}
	}
	return true
}

// multiplies says whether an instruction of a chain multiplies what the one before it has made, as a fused multiply-add of Horner's
// rule does; one of a dot product adds to it.
func multiplies(instruction, before string) bool {
	name, operands, _ := strings.Cut(instruction, " ")
	order := strings.TrimLeft(name, "vfnmadsub") // 231ps: the second operand times the third, plus the first
	addend, fused := map[string]int{"231": 0, "132": 1, "213": 2}[order[:min(3, len(order))]]
	if !fused {
		return strings.Contains(name, "pmaddwd") || strings.Contains(name, "pmaddubsw")
	}
	register := func(operand string) string { // whatever its width
		operand, _, _ = strings.Cut(operand, "{")
		return strings.TrimLeft(operand, "xyz")
	}
	_, made, _ := strings.Cut(before, " ")
	made, _, _ = strings.Cut(made, ",")
	for i, operand := range strings.Split(operands, ",") {
		if i != addend && register(operand) == register(made) {
			return true
		}
	}
	return false
}

// storing is the time of a phase's share of the stores at their own bandwidth.
func (m *model) storing(p phase) (seconds float64) {
	all := 0.0
	for _, q := range m.phases {
		all += q.stores
	}
	c, ok := find(m.ceilings, "bandwidth.store.L1", m.threads)
	if !ok || all == 0 {
		return 0
	}
	return m.stored * p.stores / all / c.Value.Median
}

// shortLoop is the finding about a loop that does less in an iteration than a core does in the cycle that each takes.
func shortLoop(p phase, chain, own float64) roofline.Finding {
	return roofline.Finding{
		ID: "short-loop", Cause: fmt.Sprintf("an iteration of %s takes a cycle, and does less than could be done in it", p.name),
		Evidence: []string{
			fmt.Sprintf("%s iterations of a cycle take at least %s (dependences in the executed code)", amount(p.iterations), duration(chain)),
			fmt.Sprintf("its arithmetic and loads would take %s", duration(own)),
			"chain: " + strings.Join(p.chain[:min(len(p.chain), 4)], "; "),
		},
		Next: "unroll it or use wider vectors, so that an iteration does more; where it adds up, into several registers",
	}
}

// Fewest cycles that a core spends on each of one kind of instruction, whatever the core: uops.info and A. Fog's instruction
// tables, Zen 2 to 5 and Skylake to Golden Cove.
const (
	divideCycles     = 3 // of up to 128 bits, f32; wider and f64 ones take more
	integerDivide    = 4
	convertsPerCycle = 2
	elementsPerCycle = 3 // that a gather loads, or a scatter stores
)

// divisions finds division units that are busy for longer than everything else.
func divisions(m *model) []roofline.Finding {
	fp, integer := m.count("fp div"), m.count("int div")
	if m.clock == 0 || fp+integer == 0 {
		return nil
	}
	seconds := (fp*divideCycles + integer*integerDivide) / m.clock / float64(m.threads)
	before := m.bounds().predicted()
	if seconds < worth*before {
		return nil
	}
	return m.unmodelled(roofline.Finding{
		ID: "division", Cause: "divisions or square roots in the hot loop keep the division unit busy longer than all other work takes",
		Evidence: []string{fmt.Sprintf("%s floating-point and %s integer divisions and roots (instrumented) of at least %d and %d cycles: %s", amount(fp), amount(integer), divideCycles, integerDivide, duration(seconds))},
		Next:     "multiply by a reciprocal that is computed once, use rsqrt or rcp with a Newton step, or take the division out of the loop",
	}, seconds)
}

// unmodelled completes a finding about a unit that no ceiling is measured of: without it the rest remains.
func (m *model) unmodelled(f roofline.Finding, seconds float64) []roofline.Finding {
	rest := m.bounds().predicted()
	if rest <= 0 {
		return nil
	}
	f.Gain = seconds / rest
	if measured := m.kernel.Time.Median; measured > 0 {
		f.Gain = min(f.Gain, measured/rest)
	}
	if f.Gain < worth {
		return nil
	}
	f.From, f.Unit = m.rate(seconds)
	f.To, _ = m.rate(rest)
	return []roofline.Finding{f}
}

// conversions finds code that converts between formats more than it computes.
func conversions(m *model) []roofline.Finding {
	n := m.count("convert")
	if m.clock == 0 || n == 0 || n < 0.15*m.instructions() {
		return nil
	}
	return m.unmodelled(roofline.Finding{
		ID: "conversions", Cause: fmt.Sprintf("%.0f %% of the instructions convert between formats", 100*n/m.instructions()),
		Evidence: []string{fmt.Sprintf("%s conversions (instrumented), at most %d a cycle", amount(n), convertsPerCycle)},
		Next:     "convert once outside the loop, keep the data in the format of the arithmetic, or use dot products of the short type",
	}, n/convertsPerCycle/m.clock/float64(m.threads))
}

// gathers finds loads and stores of single elements by index vectors.
func gathers(m *model) []roofline.Finding {
	var elements, instructions float64
	size := 32.0 // bits of an element: the mix does not tell
	if m.dtype == "f64" {
		size = 64
	}
	for _, p := range m.phases {
		for _, w := range p.work {
			if w.class == "gather" || w.class == "scatter" {
				instructions += w.instructions
				elements += w.instructions * map[string]float64{"128": 128, "256": 256, "512": 512}[w.width] / size
			}
		}
	}
	if m.clock == 0 || instructions < 0.01*m.instructions() || instructions == 0 {
		return nil
	}
	return m.unmodelled(roofline.Finding{
		ID: "gather-scatter", Cause: "elements are loaded or stored one by one through index vectors",
		Evidence: []string{fmt.Sprintf("%s gathers and scatters of %s elements (instrumented), at most %d elements a cycle", amount(instructions), amount(elements), elementsPerCycle)},
		Next:     "store the data in the order of its use (structure of arrays, sorted indices), or load whole vectors and permute",
	}, elements/elementsPerCycle/m.clock/float64(m.threads))
}

// splitLines finds accesses that cross lines, each of which is two.
func splitLines(m *model) []roofline.Finding {
	a := m.kernel.Analysis
	if a == nil || len(a.Caches) == 0 || m.count("gather", "scatter", "tile move", "string") > 0 {
		return nil
	}
	var references float64
	for _, p := range m.phases {
		references += p.loads + p.stores
	}
	splits := a.Caches[0].Total.Accesses - references
	if references == 0 || splits/references < 0.1 || m.full() > m.executed() {
		return nil
	}
	factor := 1 + splits/references
	before := m.with(func(x *facts) {
		for i := range x.phases {
			x.phases[i].bytes *= factor
		}
	})
	return before.cure(roofline.Finding{
		ID: "split-lines", Cause: fmt.Sprintf("%.0f %% of the loads and stores cross a cache line and count twice at L1's ports", 100*splits/references),
		Evidence: []string{fmt.Sprintf("%s lines looked up by %s loads and stores (simulated, instrumented)", amount(a.Caches[0].Total.Accesses), amount(references))},
		Next:     "align the arrays and their rows to 64 bytes; peel iterations until the stores are aligned",
	}, func(x *facts) {
		for i := range x.phases {
			x.phases[i].bytes /= factor
		}
	})
}

// portBound finds arithmetic that waits for L1's ports although the algorithm would let registers hold more.
func portBound(m *model) []roofline.Finding {
	bytes := m.l1()
	if m.executed() == 0 || m.compulsory["L1"] == 0 || bytes < 4*m.compulsory["L1"] {
		return nil
	}
	var loads, pipes float64
	for _, p := range m.phases {
		loads += p.loads
		pipes += m.pipes(p.work)
	}
	if pipes == 0 {
		return nil
	}
	return m.cure(roofline.Finding{
		ID: "port-bound", Cause: "loads and stores between registers and L1 take longer than the arithmetic: the register tile is too small",
		Evidence: []string{
			fmt.Sprintf("%.2f FLOP/B at L1 (%s for %s FLOPs, instrumented); the algorithm needs %s", m.executed()/bytes, units.Bytes(int64(bytes)), amount(m.executed()), units.Bytes(int64(m.compulsory["L1"]))),
			fmt.Sprintf("%.2f loads for each vector operation", loads/max(m.count("fma", "fp add", "fp mul", "dot"), 1)),
		},
		Next: "compute more results at a time from each loaded value: a larger register tile (for example 6×2 or 12×2 vectors)",
	}, func(x *facts) {
		for i := range x.phases {
			x.phases[i].bytes /= 2
			x.phases[i].loads /= 2
		}
		x.stored /= 2
	})
}
