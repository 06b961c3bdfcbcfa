package doctor

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/known"
)

// counter is a fake source that counts kernels of known work by a rule of its own.
type counter struct {
	as    perf.SourceName
	count func(k *known.Kernel, q perf.Quantity, true float64) perf.Count
	runs  map[string]int
	err   error
}

func (c *counter) Name() perf.SourceName { return c.as }

// Count asks the rule about every quantity that the kernel determines, details included, as a source does that knows them all.
func (c *counter) Count(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, error) {
	if c.err != nil {
		return nil, c.err
	}
	counts := perf.AllMissing(c.as, want, "the fake does not count it")
	k, ok := w.(*known.Kernel)
	if !ok {
		for _, q := range want {
			counts[q] = perf.Count{Value: 1, Source: c.as, Quality: perf.Exact}
		}
		return counts, ctx.Err()
	}
	if c.runs != nil {
		c.runs[k.Name]++
	}
	for q, e := range k.Expected() {
		counts[q] = c.count(k, q, e.Lo)
	}
	return counts, ctx.Err()
}

func exact(v float64) perf.Count {
	return perf.Count{Value: v, Source: perf.SourcePMU, Quality: perf.Exact}
}

// caches are so small that the kernels take little time and memory.
var caches = []cache.Level{
	{Level: 1, Type: "data", Bytes: 32 << 10, Line: 64, Shared: "0"},
	{Level: 2, Type: "unified", Bytes: 256 << 10, Line: 64, Shared: "0"},
	{Level: 3, Type: "unified", Bytes: 4 << 20, Line: 64, Shared: "0"},
}

type noKernels struct{ error }

func (noKernels) Unsupported() string { return "known-work" }

func verdictsOf(t *testing.T, c *counter) map[string]perf.Verdict {
	t.Helper()
	set, err := openKnown(caches, 1<<30, false)
	if err != nil && strings.Contains(err.Error(), "no kernels for this architecture") {
		testkit.SkipUnsupported(t, noKernels{err})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	list, err := verify(t.Context(), set, c, full, func(int, int, string) {})
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]perf.Verdict{}
	for _, v := range list {
		key := string(v.Quantity)
		if v.On != "" {
			key += "/" + v.On
		}
		if _, twice := m[key]; twice {
			t.Errorf("two verdicts on %s", key)
		}
		if v.Time.IsZero() || v.Effort != full || math.IsNaN(v.Error) || (v.Text == "") != (v.Status == perf.Verified) {
			t.Errorf("verdict %+v", v)
		}
		m[key] = v
	}
	return m
}

func expectStatus(t *testing.T, m map[string]perf.Verdict, status perf.Status, quantities ...string) {
	t.Helper()
	for _, q := range quantities {
		v, ok := m[q]
		if !ok || v.Status != status {
			t.Errorf("%s is %q (%s), want %q", q, v.Status, v.Text, status)
		}
	}
}

// everything that the kernels of this test's machine decide wherever there are kernels at all.
var everything = []string{"instructions", "cycles", "bytes.L1", "bytes.L2", "bytes.L3", "bytes.DRAM", "misses.L1", "misses.L2", "loads", "stores", "flops"}

func TestRightSourceIsVerified(t *testing.T) {
	m := verdictsOf(t, &counter{as: perf.SourcePMU, count: func(_ *known.Kernel, _ perf.Quantity, v float64) perf.Count { return exact(v) }})
	expectStatus(t, m, perf.Verified, everything...)
	for q, v := range m {
		if v.Status != perf.Verified && v.Status != perf.Undecided {
			t.Errorf("%s: %+v", q, v)
		}
	}
}

// TestSourceThatLiesByHalf halves everything: no counter may pass, and each is off by half.
func TestSourceThatLiesByHalf(t *testing.T) {
	m := verdictsOf(t, &counter{as: perf.SourcePMU, count: func(_ *known.Kernel, _ perf.Quantity, v float64) perf.Count { return exact(v / 2) }})
	expectStatus(t, m, perf.Off, everything...)
	for _, q := range []string{"instructions", "flops", "cycles"} {
		if v := m[q]; math.Abs(v.Error+0.5) > 1e-9 || v.Text != "off by -50 %" {
			t.Errorf("%s: error %g, %q", q, v.Error, v.Text)
		}
	}
}

func TestSourceThatReadsZero(t *testing.T) {
	m := verdictsOf(t, &counter{as: perf.SourcePMU, count: func(*known.Kernel, perf.Quantity, float64) perf.Count { return exact(0) }})
	expectStatus(t, m, perf.NotThere, everything...)
	if v := m["flops"]; !strings.Contains(v.Text, "reads 0") {
		t.Errorf("flops: %q", v.Text)
	}
}

func TestSourceThatMisses(t *testing.T) {
	const why = "the kernel has no such event"
	m := verdictsOf(t, &counter{as: perf.SourcePMU, count: func(_ *known.Kernel, q perf.Quantity, v float64) perf.Count {
		if q == perf.Cycles || q == perf.BytesDRAM {
			return perf.NotCounted(perf.SourcePMU, why)
		}
		return exact(v)
	}})
	expectStatus(t, m, perf.NotThere, "cycles", "bytes.DRAM")
	expectStatus(t, m, perf.Verified, "instructions", "bytes.L2")
	if m["cycles"].Text != why {
		t.Errorf("cycles: %q", m["cycles"].Text)
	}
}

// TestConstantSource counts the same whatever runs, as a counter that is wired to something else does.
func TestConstantSource(t *testing.T) {
	m := verdictsOf(t, &counter{as: perf.SourcePMU, count: func(*known.Kernel, perf.Quantity, float64) perf.Count { return exact(123456) }})
	expectStatus(t, m, perf.Off, "instructions", "flops", "cycles", "bytes.L2", "bytes.L3", "misses.L1", "misses.L2", "loads")
	if v := m["bytes.DRAM"]; v.Status == perf.Verified {
		t.Errorf("bytes.DRAM: %+v", v)
	}
}

// TestCrossTalk lets the counter of f32 also see f64: right under its own work, wrong under the other.
func TestCrossTalk(t *testing.T) {
	c := &counter{as: perf.SourcePMU, count: func(k *known.Kernel, q perf.Quantity, v float64) perf.Count {
		if q == perf.FLOPsOf("f32", perf.Scalar) && k.DType == "f64" && k.Width == perf.Scalar {
			v = k.Expected()[perf.FLOPs].Lo
		}
		return exact(v)
	}}
	m := verdictsOf(t, c)
	if _, ran := m["flops.f64.scalar"]; !ran {
		testkit.SkipUnsupported(t, noKernels{errors.New("no scalar kernels")})
	}
	expectStatus(t, m, perf.Off, "flops.f32.scalar")
	expectStatus(t, m, perf.Verified, "flops", "flops.f64.scalar")
	if text := m["flops.f32.scalar"].Text; !strings.Contains(text, "f64.scalar, which has none of it") {
		t.Errorf("%q does not name the kernel", text)
	}
}

// TestBlindToBF16 has a PMU that counts f32 and f64 and nothing else, as most do: its FLOPs are verified but for bf16.
func TestBlindToBF16(t *testing.T) {
	m := verdictsOf(t, &counter{as: perf.SourcePMU, count: func(k *known.Kernel, _ perf.Quantity, v float64) perf.Count {
		if k.DType == "bf16" {
			return exact(0)
		}
		return exact(v)
	}})
	if _, ran := m["flops/bf16"]; !ran {
		testkit.SkipUnsupported(t, noKernels{errors.New("no bf16 kernels run here")})
	}
	expectStatus(t, m, perf.Verified, "flops")
	expectStatus(t, m, perf.NotThere, "flops/bf16")
}

// TestOthersShareIsTakenOff adds to what the memory controllers count what others move at a steady rate, as the kernel
// without memory shows it.
func TestOthersShareIsTakenOff(t *testing.T) {
	set, err := openKnown(caches, 1<<30, false)
	if err != nil && strings.Contains(err.Error(), "no kernels for this architecture") {
		testkit.SkipUnsupported(t, noKernels{err})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	const call = time.Millisecond
	with := func(others, factor float64) perf.Verdict { // others: bytes during a call
		var seen []observation
		for _, k := range set.Kernels() {
			o := observation{kernel: k, call: call, counts: map[perf.Quantity]perf.Count{}}
			if e, ok := k.Expected()[perf.BytesDRAM]; ok {
				o.counts[perf.BytesDRAM] = exact(factor*e.Hi + others)
			} else if k.Name == "chain" {
				o.counts[perf.BytesDRAM] = exact(others)
			}
			seen = append(seen, o)
		}
		for _, v := range judge(perf.SourcePMU, seen) {
			if v.Quantity == perf.BytesDRAM {
				return v
			}
		}
		t.Fatal("no verdict on bytes.DRAM")
		return perf.Verdict{}
	}
	const s = 1 << 20 // moved by the kernels that only load
	for _, c := range []struct {
		name           string
		others, factor float64
		status         perf.Status
	}{
		{"an idle machine", 0, 1, perf.Verified},
		{"a tenth more by others", 0.1 * s, 1, perf.Verified},
		{"a counter that doubles", 0, 2, perf.Off},
		{"a counter that doubles, and others", 0.1 * s, 2, perf.Off},
		{"others as busy as the kernel", s, 1, perf.Undecided},
		{"half is too little whoever else is busy", 0, 0.5, perf.Off},
	} {
		v := with(c.others, c.factor)
		if v.Status != c.status {
			t.Errorf("%s: %s %q, want %s", c.name, v.Status, v.Text, c.status)
		}
		if c.status == perf.Verified && c.others > 0 && !(v.Others > 0.04 && v.Others < 0.1) {
			t.Errorf("%s: their share is given as %g", c.name, v.Others)
		}
	}
}

// TestRuns counts again what looks wrong, and memory; not what comes out the same twice.
func TestRuns(t *testing.T) {
	c := &counter{as: perf.SourcePMU, runs: map[string]int{}}
	c.count = func(k *known.Kernel, q perf.Quantity, v float64) perf.Count {
		switch {
		case k.Name == "int" && q == perf.Instructions:
			return exact(v * 1.01)
		case k.Name == "chain" && q == perf.Instructions, k.Name == "load.16.DRAM" && q == perf.BytesDRAM:
			return exact(v * float64(c.runs[k.Name])) // wrong in another way each time
		}
		return exact(v)
	}
	verdictsOf(t, c)
	for name, want := range map[string]int{"load.16.L1": 1, "int": 2, "update.16.DRAM": 2, "load.16.DRAM": runsMemory} {
		if c.runs[name] != want {
			t.Errorf("%s was counted %d times, want %d", name, c.runs[name], want)
		}
	}
	if n := c.runs["chain"]; n != 1 {
		t.Errorf("chain was right at once, but was counted %d times", n)
	}
}

func TestMediansPreferNothingToSomething(t *testing.T) {
	at := func(counts ...perf.Count) (all []map[perf.Quantity]perf.Count) {
		for _, c := range counts {
			all = append(all, map[perf.Quantity]perf.Count{perf.FLOPs: c})
		}
		return all
	}
	if got := medians(at(exact(5), exact(1), exact(3)))[perf.FLOPs]; got.Value != 3 {
		t.Errorf("median %+v", got)
	}
	if got := medians(at(exact(5), perf.NotCounted(perf.SourcePMU, "gone"), exact(3)))[perf.FLOPs]; got.Reason != "gone" {
		t.Errorf("missing once is missing: %+v", got)
	}
}

func TestSourceThatFails(t *testing.T) {
	m := verdictsOf(t, &counter{as: perf.SourcePMU, err: errors.New("it broke")})
	expectStatus(t, m, perf.NotThere, "flops", "instructions")
	if m["flops"].Text != "it broke" {
		t.Errorf("flops: %q", m["flops"].Text)
	}
}

// TestInstrumentedSourceSeesNoFlushes: a source that follows instructions is not asked about lines that were flushed.
func TestInstrumentedSourceSeesNoFlushes(t *testing.T) {
	c := &counter{as: perf.SourceInstrumented, runs: map[string]int{}, count: func(_ *known.Kernel, _ perf.Quantity, v float64) perf.Count {
		return perf.Count{Value: v, Source: perf.SourceInstrumented, Quality: perf.Exact}
	}}
	m := verdictsOf(t, c)
	expectStatus(t, m, perf.Verified, "flops", "instructions", "loads")
	for name, n := range c.runs {
		if strings.HasPrefix(name, "flush") || n != 1 {
			t.Errorf("%s was counted %d times", name, n)
		}
	}
}
