package measure

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// world is a machine with a clock of its own: only the parts of kernels move it. It logs what happens in order:
//
//	build X, verify X, turn {, X (a timed batch of X), }, count X, progress, save
type world struct {
	clock time.Duration
	last  string // the kernel that ran last
	log   []string
	begun int           // turns so far
	noise event.OSDelta // of every turn
	idle  event.OSDelta // of the time before any kernel ran
	loops []asm.Loop    // of compute ceilings
}

func (w *world) say(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

func (w *world) host() host {
	return host{
		pool:  func(n int) (pool, error) { return &fakePool{w, n}, nil },
		watch: func(pool) (watcher, error) { return fakeWatch{w}, nil },
		steal: func() func() machine.Disturbance {
			return func() machine.Disturbance { return machine.Disturbance{StealShare: new(0.25), Throttles: -1} }
		},
		now:   func() time.Time { return time.Unix(0, 0).Add(w.clock) },
		loops: func() []asm.Loop { return w.loops },

		collect: func() {},
	}
}

type fakePool struct {
	*world
	n int
}

func (p *fakePool) N() int { return p.n }
func (p *fakePool) Close() {}
func (p *fakePool) Each(f func(int) error) error {
	var errs []error
	for i := range p.n {
		errs = append(errs, f(i))
	}
	return errors.Join(errs...)
}

func (p *fakePool) Time(batch int, part func(int)) time.Duration {
	begin := p.clock
	for range batch {
		for i := range p.n {
			part(i)
		}
	}
	p.log = append(p.log, p.last) // no say: it would allocate within the turn
	return p.clock - begin
}

func (p *fakePool) Waited() time.Duration { return 0 }

type fakeWatch struct{ *world }

func (w fakeWatch) start() {
	if w.last != "" {
		w.say("turn {")
		w.begun++
	}
}

func (w fakeWatch) stop() event.OSDelta {
	if w.last == "" {
		return w.idle
	}
	w.say("}")
	return w.noise
}
func (w fakeWatch) whyNoMigrations() string { return "the fake cannot" }
func (w fakeWatch) close()                  {}

// fake is a kernel whose calls take a known time.
type fake struct {
	name     string
	cost     func(call int) time.Duration // of the n-th call, counted from 0
	wrong    float64                      // error that Verify reports; the tolerance is 1
	buildErr error
	memory   int64
	onCall   func()

	world *world
	calls int
}

func steady(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

// restless is spread evenly between d and 3d: its interval gets narrow only after thousands of samples.
func restless(d time.Duration) func(int) time.Duration {
	return func(call int) time.Duration {
		return d + time.Duration(2*float64(d)*rand.New(rand.NewPCG(1, uint64(call))).Float64())
	}
}

func (f *fake) Part(worker int) {
	if worker != 0 {
		return
	}
	if f.onCall != nil {
		f.onCall()
	}
	f.world.clock += f.cost(f.calls)
	f.calls++
	f.world.last = f.name
}

func (f *fake) Verify() (kernels.Verification, error) {
	f.world.say("verify %s", f.name)
	return kernels.Verification{Against: "go reference", MaxError: f.wrong, Tolerance: 1}, nil
}

// item makes the kernel: 1 MFLOP and 1 MB a call.
func (w *world) item(f *fake) Item {
	f.world = w
	k := &kernels.Kernel{Op: f.name, Variant: "naive", DType: kernels.F32, ISA: "go", Roof: "compute.fma.scalar.f32"}
	k.Work = func(shape.Shape) kernels.Work {
		return kernels.Work{FLOPs: 1e6, LoadBytes: 6e5, StoreBytes: 4e5, WorkingSet: max(f.memory, 1e6)}
	}
	k.Build = func(shape.Shape, int) (kernels.Instance, error) {
		w.say("build %s", f.name)
		return f, f.buildErr
	}
	return Item{k, shape.Shape{N: 7}}
}

// plan makes a plan of fakes, with the analytic source and a budget of a second each.
func (w *world) plan(fakes ...*fake) Plan {
	at := func(v float64) stats.Estimate { return stats.Estimate{Median: v, Lo: v, Hi: v, N: 9} }
	p := Plan{
		Threads: 1, Budget: time.Duration(len(fakes)) * time.Second, Sources: []perf.Source{perf.AnalyticSource{}},
		Machine: roofline.Machine{
			Environment: roofline.Environment{MemoryBytes: 1 << 34},
			Caches: []cache.Level{{Level: 1, Type: "data", Bytes: 1 << 15, Shared: "0"}, {Level: 2, Type: "unified", Bytes: 1 << 20, Shared: "0"},
				{Level: 3, Type: "unified", Bytes: 1 << 25, Shared: "0-1"}},
		},
		Ceilings: []roofline.Ceiling{
			{ID: "compute.fma.scalar.f32", Kind: "compute", DType: "f32", Threads: 1, Unit: "FLOP/s", Value: at(1e15)},
			{ID: "bandwidth.load.L1", Kind: "bandwidth", Op: "load", Level: "L1", Threads: 1, Unit: "B/s", Value: at(1e14)},
			{ID: "bandwidth.load.L2", Kind: "bandwidth", Op: "load", Level: "L2", Threads: 1, Unit: "B/s", Value: at(5e13)},
		},
		Progress: func(_, _ int, what string) { w.say("progress") },
	}
	for _, f := range fakes {
		p.Items = append(p.Items, w.item(f))
	}
	return p
}

// sink keeps the state of the runs at every save and fails on demand.
type sink struct {
	t      *testing.T
	world  *world
	counts []int // runs at every save
	err    error
}

func (s *sink) Save(res *roofline.Result) error {
	if err := res.Validate(); err != nil {
		s.t.Errorf("an invalid result was saved: %v", err)
	}
	s.world.say("save")
	s.counts = append(s.counts, len(res.Runs))
	return s.err
}

// turns lists the kernels in the order of their turns.
func (w *world) turns() (names []string) {
	for i, s := range w.log {
		if s == "turn {" && i+1 < len(w.log) {
			names = append(names, w.log[i+1])
		}
	}
	return names
}

// outside returns what happened during turns that is not a timed batch.
func (w *world) outside() (events []string) {
	in := false
	for _, s := range w.log {
		switch {
		case s == "turn {" || s == "}":
			in = s != "}"
		case in && (strings.Contains(s, " ") || s == "progress" || s == "save"):
			events = append(events, s)
		}
	}
	return events
}

func gcIsOff() bool {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	return s[0].Value.Uint64() == math.MaxUint64
}

func mustRun(t *testing.T, w *world, p Plan) *roofline.Result {
	t.Helper()
	res, err := run(t.Context(), p, &sink{t: t, world: w}, w.host())
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Validate(); err != nil {
		t.Fatal(err)
	}
	return res
}

func names(res *roofline.Result) (kernels []string) {
	for _, r := range res.Runs {
		kernels = append(kernels, r.Kernel)
	}
	return kernels
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
