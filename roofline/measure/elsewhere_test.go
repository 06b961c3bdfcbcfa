package measure

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// remote is a fake that runs in another process: its part must never be called here.
type remote struct {
	*fake
	t      *testing.T
	after  int // calls of Time after which it fails; 0: never
	times  int
	closed int
	on     *world
}

var errGone = errors.New("crashed: SIGSEGV")

func (r *remote) Part(int) { r.t.Error("a kernel that runs elsewhere was run here") }
func (r *remote) Time(n int) (Batch, error) {
	if r.times++; r.after > 0 && r.times > r.after {
		return Batch{}, errGone
	}
	begin := r.on.clock
	for range n {
		r.fake.Part(0)
	}
	r.on.log = append(r.on.log, r.name)
	return Batch{Took: r.on.clock - begin, PageFaults: int64(n)}, nil
}
func (r *remote) Describe(run *roofline.Run) { run.Peer = &roofline.Peer{Library: r.name} }
func (r *remote) Close() error               { r.closed++; return nil }

// with adds a remote to a plan.
func (w *world) with(t *testing.T, p *Plan, f *fake, after int) *remote {
	item := w.item(f)
	r := &remote{fake: f, t: t, after: after, on: w}
	k := *item.Kernel
	k.Build = func(shape.Shape, int) (kernels.Instance, error) { return r, nil }
	p.Items = append(p.Items, Item{&k, item.Shape})
	p.Budget += time.Second
	return r
}

// counter is a source that would count anything.
type counter struct{ perf.AnalyticSource }

func (counter) Name() perf.SourceName { return perf.SourceInstrumented }

func TestElsewhereHasItsTurns(t *testing.T) {
	w := &world{}
	cost := steady(20 * time.Microsecond)
	p := w.plan(&fake{name: "A", cost: cost})
	p.Sources = []perf.Source{counter{}, perf.AnalyticSource{}}
	r := w.with(t, &p, &fake{name: "B", cost: steady(30 * time.Microsecond)}, 0)
	res := mustRun(t, w, p)
	expect(t, "runs", names(res), []string{"A", "B"})
	var want []string
	for range settledTurns {
		want = append(want, "A", "B")
	}
	expect(t, "turns", w.turns(), want)
	if r.closed != 1 {
		t.Errorf("closed %d times", r.closed)
	}
	b := res.Runs[1]
	if b.Peer == nil || b.Peer.Library != "B" || math.Abs(b.Time.Median-30e-6) > 1e-15 || b.Verified.Against != "go reference" {
		t.Errorf("peer %+v, time %g, verified %+v", b.Peer, b.Time.Median, b.Verified)
	}
	flops := b.Counts[perf.FLOPs]
	if len(flops) != 2 || flops[0].Source != perf.SourceAnalytic || flops[1].Quality != perf.Missing || !strings.Contains(flops[1].Reason, "only timed") {
		t.Errorf("FLOPs %+v: want the declared ones, and that the others are missing", flops)
	}
	if faults := b.Counts[perf.PageFaults]; len(faults) != 1 || faults[0].Value != 1 {
		t.Errorf("page faults %+v, want the 1 of each call", faults)
	}
}

// What fails is left out and said to be, whether it fails at once, while it is calibrated or in its turns; the others go on.
func TestElsewhereFails(t *testing.T) {
	for _, after := range []int{1, 3, 12} {
		w := &world{}
		p := w.plan(&fake{name: "A", cost: steady(20 * time.Microsecond)})
		r := w.with(t, &p, &fake{name: "B", cost: steady(30 * time.Microsecond)}, after)
		res, err := run(t.Context(), p, &sink{t: t, world: w}, w.host())
		if !errors.Is(err, errGone) {
			t.Fatalf("after %d: %v", after, err)
		}
		expect(t, "runs", names(res), []string{"A"})
		if !slices.ContainsFunc(res.Warnings, func(w roofline.Warning) bool {
			return strings.HasPrefix(w.About, "B/naive/f32") && strings.Contains(w.Text, "not measured: crashed: SIGSEGV")
		}) {
			t.Errorf("after %d: no warning among %+v", after, res.Warnings)
		}
		if r.times > after+1 {
			t.Errorf("after %d: asked %d times although it was gone", after, r.times)
		}
		if r.closed != 1 {
			t.Errorf("after %d: closed %d times", after, r.closed)
		}
	}
}

// Whatever becomes of the measurement, the process ends.
func TestElsewhereIsClosed(t *testing.T) {
	w := &world{}
	p := w.plan()
	p.Items, p.Budget = nil, 0
	r := w.with(t, &p, &fake{name: "B", cost: steady(30 * time.Second)}, 0)
	if _, err := run(t.Context(), p, nil, w.host()); err == nil {
		t.Fatal("the budget suffices?")
	}
	if r.closed != 1 {
		t.Errorf("closed %d times", r.closed)
	}
}
