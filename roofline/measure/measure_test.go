package measure

import (
	"context"
	"errors"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/perf/perftest"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func TestPipelineInOrder(t *testing.T) {
	w := &world{}
	res := mustRun(t, w, w.plan(&fake{name: "A", cost: steady(10 * time.Microsecond)}, &fake{name: "B", cost: steady(3 * time.Millisecond)}))
	expect(t, "runs", names(res), []string{"A", "B"})
	if out := w.outside(); len(out) > 0 {
		t.Errorf("during timed turns: %v", out)
	}
	var steps []string
	for _, s := range w.log {
		if s != "progress" && !slices.Contains(steps, s) {
			steps = append(steps, s)
		}
	}
	expect(t, "steps", steps, []string{"build A", "verify A", "A", "build B", "verify B", "B", "turn {", "}", "save"})
	a := res.Runs[0]
	if math.Abs(a.Time.Median-10e-6) > 1e-15 || a.Time.Lo != a.Time.Median || a.Time.Hi != a.Time.Median {
		t.Errorf("time of A: %+v", a.Time.Estimate)
	}
	if sample := float64(a.Time.Batch) * a.Time.Median; sample < 100e-6 || sample > 300e-6 {
		t.Errorf("a sample of A lasts %g s: want a little over 100 µs", sample)
	}
	if res.Runs[1].Time.Batch != 1 {
		t.Errorf("batch of B: %d calls of 3 ms", res.Runs[1].Time.Batch)
	}
	if a.Bound == nil || a.Bound.By != "bandwidth.load.L2" || len(a.Points) != 2 {
		t.Errorf("A is not placed: bound %+v, points %+v", a.Bound, a.Points)
	}
	if s := res.Machine.Environment.StealShare; s == nil || *s != 0.25 {
		t.Errorf("the steal share was not recorded: %v", s)
	}
}

// A first call that something else has taken the CPU from does not make samples of one call of microseconds.
func TestADisturbedFirstCallDoesNotShortenTheSamples(t *testing.T) {
	w := &world{}
	res := mustRun(t, w, w.plan(&fake{name: "A", cost: func(call int) time.Duration {
		if call == 0 {
			return 5 * time.Millisecond
		}
		return 10 * time.Microsecond
	}}))
	if sample := float64(res.Runs[0].Time.Batch) * 10e-6; sample < 100e-6 {
		t.Errorf("a sample lasts %g s: want at least 100 µs", sample)
	}
}

func TestKernelsAreInterleaved(t *testing.T) {
	w := &world{}
	cost := steady(20 * time.Microsecond)
	mustRun(t, w, w.plan(&fake{name: "A", cost: cost}, &fake{name: "B", cost: cost}, &fake{name: "C", cost: cost}))
	var want []string
	for range settledTurns {
		want = append(want, "A", "B", "C")
	}
	expect(t, "turns", w.turns(), want)
}

func TestStopsWhenSettledOrBudgetEnds(t *testing.T) {
	w := &world{}
	p := w.plan(&fake{name: "steady", cost: steady(time.Millisecond)}, &fake{name: "restless", cost: restless(time.Millisecond)})
	p.Budget = 500 * time.Millisecond
	begin := w.clock
	res := mustRun(t, w, p)
	if n := res.Runs[0].Time.N; n != settledTurns*turnSamples {
		t.Errorf("the steady kernel took %d samples", n)
	}
	if e := res.Runs[1].Time; e.RelHalfWidth() < narrow || e.N < 100 {
		t.Errorf("the restless kernel stopped after %d samples at ±%g", e.N, e.RelHalfWidth())
	}
	if spent := w.clock - begin; spent < p.Budget || spent > p.Budget+100*time.Millisecond {
		t.Errorf("spent %v of %v", spent, p.Budget)
	}
	if !slices.ContainsFunc(res.Warnings, func(w roofline.Warning) bool { return strings.Contains(w.Text, "wider than") }) {
		t.Errorf("the wide interval is not reported: %+v", res.Warnings)
	}
}

// A slow kernel gets its few samples, and no more than its share while a fast one still needs time.
func TestSlowKernelLeavesTimeToOthers(t *testing.T) {
	w := &world{}
	p := w.plan(&fake{name: "slow", cost: restless(100 * time.Millisecond)}, &fake{name: "fast", cost: restless(100 * time.Microsecond)})
	p.Budget = 2 * time.Second
	res := mustRun(t, w, p)
	if n := res.Runs[0].Time.N; n < stats.MinSamples || n > 12 {
		t.Errorf("the slow kernel took %d samples of 0.1 s", n)
	}
	if n := res.Runs[1].Time.N; n < 1000 {
		t.Errorf("the fast kernel took only %d samples", n)
	}
}

func TestMostSamples(t *testing.T) {
	w := &world{}
	p := w.plan(&fake{name: "A", cost: restless(100 * time.Microsecond)})
	p.Budget = time.Hour
	if n := mustRun(t, w, p).Runs[0].Time.N; n < maxSamples || n > maxSamples+turnSamples {
		t.Errorf("%d samples", n)
	}
}

func TestBudgetTooSmall(t *testing.T) {
	w := &world{}
	p := w.plan(&fake{name: "A", cost: steady(300 * time.Millisecond)}, &fake{name: "B", cost: steady(time.Millisecond)})
	p.Budget = 10 * time.Millisecond
	s := &sink{t: t, world: w}
	res, err := run(t.Context(), p, s, w.host())
	var small *BudgetError
	if !errors.As(err, &small) || res != nil || len(s.counts) > 0 {
		t.Fatalf("result %v, error %v, %d saves", res, err, len(s.counts))
	}
	if small.Kernels != 2 || small.Need < 1800*time.Millisecond || small.Need > 4*time.Second {
		t.Errorf("%+v: want about 6 × 0.3 s", small)
	}
	p.Budget = small.Need // the cure works
	if res := mustRun(t, w, p); res.Runs[0].Time.N < stats.MinSamples {
		t.Errorf("%d samples with the budget that was asked for", res.Runs[0].Time.N)
	}
}

func TestElasticBudget(t *testing.T) {
	w := &world{}
	p := w.plan(&fake{name: "A", cost: steady(300 * time.Millisecond)}, &fake{name: "B", cost: steady(time.Millisecond)})
	p.Budget, p.Elastic = 10*time.Millisecond, true
	for _, r := range mustRun(t, w, p).Runs {
		if !r.Time.Known() {
			t.Errorf("%s: no interval of %d samples", r.ID(), r.Time.N)
		}
	}
	if w.clock > 5*time.Second {
		t.Errorf("%v were spent, about 3 s are enough", w.clock)
	}
}

// One of several processes that are compared takes a few samples of a slow kernel, whatever the budget.
func TestBrief(t *testing.T) {
	w := &world{}
	p := w.plan(&fake{name: "A", cost: steady(300 * time.Millisecond)})
	p.Budget, p.Brief = 10*time.Millisecond, true
	res := mustRun(t, w, p)
	if e := res.Runs[0].Time; e.N != briefTurns || e.Known() || e.Median != 0.3 {
		t.Errorf("%+v, want %d samples of 0.3 s", e, briefTurns)
	}
	for _, f := range res.Warnings {
		if strings.Contains(f.Text, "no interval") {
			t.Errorf("nobody wanted an interval: %s", f.Text)
		}
	}
}

// A budget that is short for full turns gives shorter ones, not fewer than an interval needs.
func TestShortBudgetShortensTurns(t *testing.T) {
	for budget, perTurn := range map[time.Duration]int{time.Second: turnSamples, 13 * time.Millisecond: 3, 7 * time.Millisecond: 1} {
		w := &world{}
		p := w.plan(&fake{name: "A", cost: steady(time.Millisecond / 2)})
		p.Budget = budget
		if e := mustRun(t, w, p).Runs[0].Time; e.Turns < minTurns || e.N != perTurn*e.Turns || !e.Known() {
			t.Errorf("budget %v: %d samples in %d turns, want %d a turn", budget, e.N, e.Turns, perTurn)
		}
	}
}

func TestBudgetErrorText(t *testing.T) {
	for _, c := range []struct {
		err  BudgetError
		want string
	}{
		{BudgetError{10 * time.Millisecond, 2_910 * time.Millisecond, 12},
			"time budget 10ms is too small for 12 kernels: need about 3s; pass --time-budget 3s"},
		{BudgetError{time.Microsecond, 1_234_567, 1}, "time budget 1µs is too small for 1 kernel: need about 1.3ms; pass --time-budget 1.3ms"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestWrongResultIsNotTimed(t *testing.T) {
	for _, wrong := range []float64{1.5, math.NaN(), math.Inf(1)} {
		w := &world{}
		bad := &fake{name: "bad", cost: steady(time.Millisecond), wrong: wrong}
		broken := &fake{name: "broken", cost: steady(time.Millisecond), buildErr: errors.New("no memory")}
		p := w.plan(bad, &fake{name: "good", cost: steady(time.Millisecond)}, broken)
		res, err := run(t.Context(), p, nil, w.host())
		var e *WrongResultError
		if !errors.As(err, &e) || e.ID != "bad/naive/f32 "+p.Items[0].Shape.String() || !strings.Contains(err.Error(), "no memory") {
			t.Errorf("error %v", err)
		}
		if bad.calls != 0 || broken.calls != 0 {
			t.Errorf("a wrong kernel was run %d times, a broken one %d times", bad.calls, broken.calls)
		}
		expect(t, "runs", names(res), []string{"good"})
		if len(res.Warnings) != 2 || !strings.HasPrefix(res.Warnings[0].About, "bad/") || !strings.Contains(res.Warnings[1].Text, "no memory") {
			t.Errorf("warnings %+v", res.Warnings)
		}
	}
}

// Wherever the interruption comes, the result is valid and has every run that got samples.
func TestInterruption(t *testing.T) {
	for stop := 1; stop < 40; stop++ {
		w := &world{}
		ctx, cancel := context.WithCancel(t.Context())
		p := w.plan(&fake{name: "A", cost: steady(time.Millisecond)}, &fake{name: "B", cost: restless(time.Millisecond)})
		p.Sources = append([]perf.Source{perftest.Values("counted", map[perf.Quantity]float64{perf.FLOPs: 1e6})}, p.Sources...)
		reports := 0
		p.Progress = func(int, int, string) {
			if reports++; reports == stop {
				cancel()
			}
		}
		s := &sink{t: t, world: w}
		res, err := run(ctx, p, s, w.host())
		cancel()
		if !errors.Is(err, context.Canceled) || res == nil {
			t.Fatalf("interrupted at report %d: result %v, error %v", stop, res, err)
		}
		if err := res.Validate(); err != nil {
			t.Errorf("interrupted at report %d: %v", stop, err)
		}
		if n := len(w.turns()); n > 2 && len(res.Runs) != 2 || n == 0 && len(res.Runs) != 0 {
			t.Errorf("interrupted at report %d: %d runs after %d turns", stop, len(res.Runs), n)
		}
		if len(s.counts) != len(res.Runs) {
			t.Errorf("interrupted at report %d: %d saves of %d runs", stop, len(s.counts), len(res.Runs))
		}
		for _, r := range res.Runs {
			if len(r.Counts[perf.FLOPs]) != 2 || r.FLOPs() != 1e6 || r.Bound == nil {
				t.Errorf("interrupted at report %d: %s is not placed: %+v", stop, r.ID(), r.Counts[perf.FLOPs])
			}
		}
	}
}

func TestMissingCountsAreKept(t *testing.T) {
	w := &world{}
	p := w.plan(&fake{name: "A", cost: steady(time.Millisecond)})
	counted := perftest.Values("counted", map[perf.Quantity]float64{perf.FLOPs: 2e6})
	broken := &perftest.Source{As: "broken", Err: errors.New("no permission")}
	p.Sources = []perf.Source{broken, counted, perf.AnalyticSource{}}
	r := mustRun(t, w, p).Runs[0]
	var got []string
	for _, c := range r.Counts[perf.FLOPs] {
		got = append(got, string(c.Source)+" "+string(c.Quality))
	}
	expect(t, "flops", got, []string{"counted exact", "analytic analytic", "broken missing"})
	if r.FLOPs() != 2e6 {
		t.Errorf("the points use %g FLOPs, want those of the best source that counted", r.FLOPs())
	}
	for _, q := range wanted {
		if len(r.Counts[q]) != len(p.Sources) {
			t.Errorf("%s has %d counts of %d sources", q, len(r.Counts[q]), len(p.Sources))
		}
	}
	l3 := r.Counts[perf.BytesL3]
	if why := l3[len(l3)-1].Reason; !strings.Contains(why, "fits in L2") {
		t.Errorf("bytes.L3 is missing because %q; want the level that holds the working set", why)
	}
	if c := r.Counts[perf.Migrations][0]; c.Source != perf.SourceOS || c.Quality != perf.Exact {
		t.Errorf("migrations: %+v", c)
	}
}

func TestEnvironmentIsJudged(t *testing.T) {
	w := &world{noise: event.OSDelta{ContextSwitches: 9, Involuntary: 5, Migrations: event.NotCounted, PageFaults: 1e6}}
	res := mustRun(t, w, w.plan(&fake{name: "A", cost: steady(time.Millisecond)}, &fake{name: "B", cost: steady(time.Millisecond)}))
	text := ""
	for _, x := range res.Warnings {
		text += x.Text + "\n"
	}
	for _, want := range []string{"lost their CPU", "A/naive/f32 ", "B/naive/f32 ", "(55 involuntary switches in 55 samples)", "paged in"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the warnings:\n%s", want, text)
		}
	}
	quiet := &world{}
	calm := mustRun(t, quiet, quiet.plan(&fake{name: "A", cost: steady(time.Millisecond)}))
	for text, from := range map[string]*roofline.Result{"2 of 2": res, "none of 1": calm} {
		q := from.Machine.Quality
		if c := q[len(q)-1]; c.Name != "runs" || !strings.HasPrefix(c.Text, text) || c.OK != (from == calm) {
			t.Errorf("the last line of the quality score is %+v, want %q about the runs", c, text)
		}
	}
	if len(res.Warnings) != 2 {
		t.Errorf("%d warnings for two findings", len(res.Warnings))
	}
	if c := res.Runs[0].Counts[perf.Migrations][0]; c.Quality != perf.Missing || c.Reason != "the fake cannot" {
		t.Errorf("migrations: %+v", c)
	}
	if all, forced := res.Runs[0].Counts[perf.ContextSwitches][0], res.Runs[0].Counts[perf.InvoluntarySwitches][0]; math.Abs(all.Value/forced.Value-9./5) > 1e-9 {
		t.Errorf("%g switches a call, of these %g involuntary; want 9 to 5", all.Value, forced.Value)
	}
	if c := res.Runs[0].Counts[perf.PageFaults][0]; c.Value < 1e4 {
		t.Errorf("page faults per call: %+v", c)
	}
}

// What the pool does to itself between batches is not blamed on others.
func TestOwnSwitchesAreNotDisturbance(t *testing.T) {
	for _, idle := range []int64{0, 100} { // switches in 100 idle batches
		w := &world{noise: event.OSDelta{Involuntary: 6}, idle: event.OSDelta{Involuntary: idle}}
		p := w.plan(&fake{name: "A", cost: steady(time.Millisecond)})
		p.Threads = 2
		blamed := slices.ContainsFunc(mustRun(t, w, p).Warnings, func(w roofline.Warning) bool { return strings.Contains(w.Text, "lost their CPU") })
		if blamed != (idle == 0) {
			t.Errorf("%d switches in idle batches, 66 in 55 samples: blamed %v", idle, blamed)
		}
	}
}

var escaped *int

func TestAllocationsPerCall(t *testing.T) {
	w := &world{}
	leak := func() { escaped = new(int) }
	res := mustRun(t, w, w.plan(&fake{name: "leaky", cost: steady(time.Microsecond), onCall: leak}, &fake{name: "clean", cost: steady(time.Microsecond)}))
	// The fakes' own log allocates a few times per sample, which is 125 calls.
	if a := res.Runs[0].Memory.AllocsPerCall; a < 1 || a > 1.1 {
		t.Errorf("a kernel that allocates once per call: %g", a)
	}
	if a := res.Runs[1].Memory.AllocsPerCall; a > 0.1 {
		t.Errorf("a kernel that doesn't allocate: %g", a)
	}
	if len(res.Warnings) != 1 || !strings.HasPrefix(res.Warnings[0].About, "leaky/") {
		t.Errorf("warnings %+v", res.Warnings)
	}
	if res.Runs[0].Memory.PeakRSS < 1<<20 || res.Runs[0].Memory.WorkingSet != 1e6 {
		t.Errorf("memory %+v", res.Runs[0].Memory)
	}
}

func TestCollectorIsHeldOffAndRestored(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	w := &world{}
	on, off := 0, 0
	look := func() {
		if len(w.turns()) == 0 { // still calibrating
			return
		}
		if gcIsOff() {
			off++
		} else {
			on++
		}
	}
	f := &fake{name: "A", cost: steady(time.Millisecond), onCall: look}
	mustRun(t, w, w.plan(f, &fake{name: "B", cost: steady(time.Millisecond)}))
	if off == 0 || on > 0 {
		t.Errorf("the collector was off in %d timed calls and on in %d", off, on)
	}
	if percent := debug.SetGCPercent(77); percent != 77 {
		t.Errorf("GC percent is %d afterwards, want 77", percent)
	}
}

func TestSaveAfterEveryKernel(t *testing.T) {
	w := &world{}
	p := w.plan(&fake{name: "A", cost: steady(50 * time.Millisecond)}, &fake{name: "B", cost: steady(time.Millisecond)}, &fake{name: "C", cost: steady(time.Millisecond)})
	s := &sink{t: t, world: w}
	res, err := run(t.Context(), p, s, w.host())
	if err != nil || !slices.Equal(s.counts, []int{1, 2, 3}) {
		t.Errorf("saved %v runs, %v; want 1, 2, 3", s.counts, err)
	}
	expect(t, "the plan's order, though A is finished last", names(res), []string{"A", "B", "C"})

	w = &world{}
	p = w.plan(&fake{name: "A", cost: steady(time.Millisecond)}, &fake{name: "B", cost: steady(time.Millisecond)})
	full := &sink{t: t, world: w, err: errors.New("disk full")}
	if res, err = run(t.Context(), p, full, w.host()); !errors.Is(err, full.err) || len(full.counts) != 1 || res == nil {
		t.Errorf("error %v after %d saves", err, len(full.counts))
	}
}

func TestGroupsByMemory(t *testing.T) {
	w := &world{}
	cost := steady(time.Millisecond)
	p := w.plan(&fake{name: "A", cost: cost, memory: 6e6}, &fake{name: "B", cost: cost, memory: 6e6}, &fake{name: "C", cost: cost, memory: 3e6})
	p.Memory = 10e6
	res := mustRun(t, w, p)
	expect(t, "runs", names(res), []string{"A", "B", "C"})
	turns := w.turns()
	expect(t, "A alone", turns[:settledTurns], slices.Repeat([]string{"A"}, settledTurns))
	expect(t, "then B and C in turns", turns[settledTurns:settledTurns+4], []string{"B", "C", "B", "C"})
	verified := 0
	for _, s := range w.log {
		if strings.HasPrefix(s, "verify") {
			verified++
		}
	}
	if verified != 3 {
		t.Errorf("verified %d times", verified)
	}
	if first, _, _ := strings.Cut(strings.Join(w.log, "\n"), "turn {"); !strings.Contains(first, "verify C") {
		t.Error("timing began before everything was verified")
	}
}

func TestImpossiblePlans(t *testing.T) {
	w := &world{}
	huge := w.plan(&fake{name: "A", cost: steady(1), memory: 1 << 40})
	none := w.plan()
	zero := w.plan(&fake{name: "A", cost: steady(1)})
	zero.Threads = 0
	for _, p := range []Plan{huge, none, zero} {
		if res, err := run(t.Context(), p, nil, w.host()); err == nil || res != nil {
			t.Errorf("result %v, error %v", res, err)
		}
	}
	if len(w.log) > 0 {
		t.Errorf("something was begun: %v", w.log)
	}
	twice := w.plan(&fake{name: "A", cost: steady(time.Millisecond)}, &fake{name: "A", cost: steady(time.Millisecond)})
	expect(t, "listed twice", names(mustRun(t, w, twice)), []string{"A"})
}
