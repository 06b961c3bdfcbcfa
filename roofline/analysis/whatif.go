package analysis

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// Change is one assumption of a what-if: Name = Text, or where Op is '*' or '/', Name times or by Value.
type Change struct {
	Name  string
	Op    byte    // '=', '*' or '/'
	Value float64 // of isa not used
	Text  string  // as given behind the =
}

// names of what a what-if may change, beside ceilings.
const names = "isa, threads, flops, fma, chain, balance, L1.bytes, L2.bytes, L3.bytes, DRAM.bytes, or the ID of a ceiling"

// ParseWhatIf reads assumptions such as "isa=avx512,L2.bytes=/2,threads=4,flops=*0.5,fma=1,bandwidth.load.DRAM=80e9".
// Bytes and ceilings may have units: L2.bytes=64MiB. CheckNames and WhatIf check the names.
func ParseWhatIf(text string) (changes []Change, err error) {
	for part := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" || value == "" {
			return nil, fmt.Errorf("parse what-if %q: it is NAME=VALUE, NAME=*FACTOR or NAME=/DIVISOR, with commas between", part)
		}
		if slices.ContainsFunc(changes, func(c Change) bool { return c.Name == name }) {
			return nil, fmt.Errorf("parse what-if %q: %s stands twice", text, name)
		}
		c := Change{Name: name, Op: '=', Text: value}
		if value[0] == '*' || value[0] == '/' {
			c.Op, value = value[0], value[1:]
		}
		if name != "isa" {
			if c.Value, err = number(value); err != nil {
				return nil, fmt.Errorf("parse what-if %s=%s: %w", name, c.Text, err)
			}
		} else if c.Op != '=' {
			return nil, fmt.Errorf("parse what-if isa=%s: an instruction set has no factor", c.Text)
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// CheckNames refuses assumptions of names that no run can have: neither one of those that WhatIf knows, nor a ceiling.
func CheckNames(changes []Change, ceilings []roofline.Ceiling) error {
	for _, c := range changes {
		level, isBytes := strings.CutSuffix(c.Name, ".bytes")
		if slices.Contains([]string{"isa", "threads", "fma", "flops", "chain", "balance"}, c.Name) || isBytes && slices.Contains(roofline.Levels, level) {
			continue
		}
		if !slices.ContainsFunc(ceilings, func(k roofline.Ceiling) bool { return k.ID == c.Name }) {
			return c.unknown()
		}
	}
	return nil
}

func (c Change) unknown() error {
	return fmt.Errorf("what if %s: unknown name; it is one of %s", c.Name, names)
}

// number reads a positive number, or a size with a binary unit.
func number(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		bytes, sizeErr := units.ParseBytes(text)
		if sizeErr != nil {
			return 0, fmt.Errorf("%q is neither a number nor a size such as 64MiB", text)
		}
		v = float64(bytes)
	}
	if !(v >= 0) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q: the number must be finite and not negative", text)
	}
	return v, nil
}

// apply gives the changed amount.
func (c Change) apply(v float64) (float64, error) {
	switch c.Op {
	case '*':
		return v * c.Value, nil
	case '/':
		if c.Value == 0 {
			return 0, fmt.Errorf("what if %s=%s: division by zero", c.Name, c.Text)
		}
		return v / c.Value, nil
	}
	return c.Value, nil
}

// Estimate is what the model says of a run.
type Estimate struct {
	Bound  float64 // least seconds of a call, with chains and imbalance
	By     string  // the resource that takes longest, or a cause
	Rate   float64 // performance at the bound
	Unit   string
	Before *Estimate // without the assumptions; nil in itself
	Time   float64   // seconds that a call would take at the same distance from the bound as measured; 0: not known
}

// WhatIf estimates the run under assumptions. The error names what cannot be assumed, and why.
func WhatIf(run *roofline.Run, c Context, changes []Change) (*Estimate, error) {
	m := newModel(run, c)
	before := m.estimate()
	if before.Bound <= 0 {
		return nil, fmt.Errorf("estimate %s: nothing bounds it: no ceiling or no count is known", run.ID())
	}
	n := m.with(func(*facts) {})
	n.ceilings = slices.Clone(m.ceilings)
	for _, change := range changes {
		if err := n.assume(change); err != nil {
			return nil, err
		}
	}
	e := n.estimate()
	if !(e.Bound > 0) || math.IsInf(e.Bound, 0) {
		return nil, fmt.Errorf("estimate %s: under these assumptions a call would take %g s at least, which no factor says", run.ID(), e.Bound)
	}
	e.Before = &before
	if run.Time.Median > 0 {
		e.Time = run.Time.Median * e.Bound / before.Bound
	}
	return &e, nil
}

func (m *model) estimate() Estimate {
	b := m.bounds()
	e := Estimate{Bound: b.predicted()}
	switch {
	case b[stepImbalance] > 1.01*b[stepLatency]:
		e.By = roofline.CauseImbalance
	case b[stepLatency] > 1.01*b.composed():
		e.By = roofline.CauseLatency
	default:
		e.By = m.binding(b)
	}
	if e.Bound > 0 {
		e.Rate, e.Unit = m.rate(e.Bound)
	}
	return e
}

// binding is the resource that the composed bound comes from: the level whose traffic takes as long, else the pipe or port with
// most of the time of the phases.
func (m *model) binding(b bounds) string {
	list := m.resources()
	for _, r := range list {
		if b.composed() > 1.001*b[stepL1] && strings.HasPrefix(r.Ceiling, "bandwidth.") && r.Seconds >= 0.999*b.composed() {
			return r.Ceiling
		}
	}
	for _, r := range list {
		if !strings.HasPrefix(r.Ceiling, "bandwidth.") || strings.HasSuffix(r.Ceiling, ".L1") {
			return r.Ceiling
		}
	}
	if len(list) > 0 {
		return list[0].Ceiling
	}
	return ""
}

// assume applies one assumption.
func (m *model) assume(c Change) (err error) {
	level, isBytes := strings.CutSuffix(c.Name, ".bytes")
	switch {
	case c.Name == "isa":
		return m.assumeISA(c.Text)
	case c.Name == "threads":
		return m.assumeThreads(c)
	case c.Name == "fma":
		return m.assumeFMA(c)
	case c.Name == "flops":
		return m.assumeFLOPs(c)
	case c.Name == "chain":
		return m.assumeChain(c)
	case c.Name == "balance":
		m.busiest, err = c.apply(m.busiest)
		if err == nil && m.busiest < 1 {
			err = fmt.Errorf("what if balance=%s: the busiest thread has at least the mean, 1", c.Text)
		}
		return err
	case isBytes && level == "L1":
		before := m.l1()
		if before == 0 { // which phase would they be of?
			return fmt.Errorf("what if %s=%s: the traffic of L1 is zero or not known", c.Name, c.Text)
		}
		after, err := c.apply(before)
		for i := range m.phases {
			m.phases[i].bytes *= after / before
			m.phases[i].loads *= after / before
		}
		m.stored *= after / before
		return err
	case isBytes && slices.Contains(roofline.Levels, level):
		if _, known := m.traffic[level]; !known && c.Op != '=' {
			return fmt.Errorf("what if %s=%s: the traffic of %s is zero or not known", c.Name, c.Text, level)
		}
		m.traffic[level], err = c.apply(m.traffic[level])
		return err
	}
	return m.assumeCeiling(c)
}

func (m *model) assumeCeiling(c Change) error {
	found := false
	for i := range m.ceilings {
		if m.ceilings[i].ID != c.Name {
			continue
		}
		found = true
		v, err := c.apply(m.ceilings[i].Value.Median)
		if err == nil && v <= 0 {
			err = fmt.Errorf("what if %s=%s: a ceiling must be positive", c.Name, c.Text)
		}
		if err != nil {
			return err
		}
		m.ceilings[i].Value.Median = v
	}
	if !found {
		return c.unknown()
	}
	m.allowed = m.ceilings
	return nil
}

// assumeChain shortens or lengthens all chains, each of cycles and loads of its own.
func (m *model) assumeChain(c Change) (err error) {
	if c.Op == '=' && c.Value != 0 {
		return fmt.Errorf("what if chain=%s: it is *FACTOR or /DIVISOR of every chain, or 0: no chains", c.Text)
	}
	found := false
	for i := range m.phases {
		p := &m.phases[i]
		found = found || m.chain(*p) > 0
		if p.cycles, err = c.apply(p.cycles); err != nil {
			return err
		}
		if p.chained, err = c.apply(p.chained); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("what if chain=%s: no loop is known whose iterations wait for each other", c.Text)
	}
	return nil
}

func (m *model) assumeFLOPs(c Change) error {
	before := m.executed()
	if before == 0 {
		return fmt.Errorf("what if flops=%s: the run has no floating-point operations", c.Text)
	}
	after, err := c.apply(before)
	m.change(func(w *work) {
		w.flops, w.full, w.instructions = w.flops*after/before, w.full*after/before, w.instructions*after/before
	})
	return err
}

func (m *model) assumeFMA(c Change) error {
	if c.Op != '=' || c.Value != 0 && c.Value != 1 {
		return fmt.Errorf("what if fma=%s: it is 1 (products and sums fused) or 0 (apart)", c.Text)
	}
	if c.Value == 1 {
		add := m.flopsOf(func(w work) bool { return w.class == "fp add" })
		mul := m.flopsOf(func(w work) bool { return w.class == "fp mul" })
		fuse(add, mul)(&m.facts)
		return nil
	}
	for i := range m.phases {
		p := &m.phases[i]
		for _, w := range p.work {
			if w.class == "fma" && w.ceiling == "" {
				half := w
				half.class, half.flops, half.full = "fp add", w.flops/2, w.full/2
				p.work = append(p.work, half)
			}
		}
		for k := range p.work {
			if w := &p.work[k]; w.class == "fma" && w.ceiling == "" {
				w.class, w.flops, w.full = "fp mul", w.flops/2, w.full/2
			}
		}
	}
	return nil
}

func (m *model) assumeThreads(c Change) error {
	n, err := c.apply(float64(m.threads))
	if err != nil {
		return err
	}
	if n < 1 || n != math.Trunc(n) {
		return fmt.Errorf("what if threads=%s: a whole number from 1 on", c.Text)
	}
	measured := map[int]bool{}
	for _, k := range m.ceilings {
		measured[k.Threads] = true
	}
	if !measured[int(n)] {
		return fmt.Errorf("what if threads=%s: no ceilings were measured for %s (run `roofline ceilings --threads %d`, then measure again)", c.Text, threadsText(int(n)), int(n))
	}
	if m.threads = int(n); m.threads == 1 { // it waits for no other
		m.busiest = 1
	}
	return nil
}

// assumeISA has all arithmetic done in the widest registers of an instruction set.
func (m *model) assumeISA(isa string) error {
	width := map[string]string{"scalar": "scalar", "sse": "128", "avx2": "256", "avx512": "512", "amx": "amx"}[isa]
	if width == "" {
		return fmt.Errorf("what if isa=%s: it is scalar, sse, avx2, avx512 or amx", isa)
	}
	bytes := map[string]float64{"128": 16, "256": 32, "512": 64}
	size := map[string]float64{"f64": 8, "f32": 4, "f16": 2}
	changed := false
	for i := range m.phases {
		p := &m.phases[i]
		factor := 0.0
		for k := range p.work {
			w := &p.work[k]
			switch {
			case isa == "amx" && (w.dtype == "bf16" || w.dtype == "int8") && w.flops > 0:
				w.class, w.width, w.ceiling = "tile dot", "amx", "compute.amx."+w.dtype
			case isa != "amx" && float(*w) && w.flops > 0:
				lanes := func(width string) float64 { return max(bytes[width]/size[w.dtype], 1) }
				if w.width != "" {
					factor = max(factor, lanes(width)/lanes(w.width))
				}
				w.width = width
				if w.ceiling != "" {
					w.ceiling = ""
				}
			default:
				continue
			}
			if _, ok := m.pipe(*w); !ok && slices.Contains([]string{"fma", "fp add", "fp mul", "tile dot"}, w.class) {
				return fmt.Errorf("what if isa=%s: no ceiling of %s was measured with %s", isa, w.dtype, threadsText(m.threads))
			}
			changed = true
		}
		if factor > 0 {
			p.loads, p.stores, p.iterations = p.loads/factor, p.stores/factor, p.iterations/factor
		}
	}
	if !changed {
		return fmt.Errorf("what if isa=%s: the run has no arithmetic that it could do", isa)
	}
	return nil
}
