package measure

import (
	"slices"
	"time"

	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// What runs behind the samples of a turn. On a Xeon with AMX the loop kept the clock of a product for 400 to 900 µs after its end, and
// was at its full rate after 5 to 20 µs (docs/ceilings.md).
const (
	fillTime  = 20 * time.Microsecond // of the loop, untimed
	afterTime = 50 * time.Microsecond // of the loop, timed; both are a tenth of the shortest turn
)

// afterwards is the loop of a job's compute ceiling, run by all workers right behind the samples of each turn: the roof at the clock
// that the job leaves to them.
type afterwards struct {
	roof  roofline.Ceiling
	work  float64 // operations of the timed part of a worker
	part  func(worker int)
	spans []span    // of the last timed part, for each worker
	rates []float64 // after each turn
}

type span struct{ begin, end time.Time }

// afterwards sets up the loop of j's compute ceiling; nil where j has none, where no interval is wanted, and where the loop has wider
// vectors than j's own code is known to have: those could lower the clock of the turn that follows.
func (b *bench) afterwards(j *job) *afterwards {
	k, p := j.item.Kernel, b.plan
	roof, ok := roofline.Run{Roof: k.Roof, DType: string(k.DType), Threads: j.threads}.ComputeRoof(p.Ceilings)
	ok = ok && j.work.FLOPs > 0 && j.elsewhere == nil
	if p.Behind != nil {
		roof, ok = *p.Behind, true
	}
	if !ok || p.Brief {
		return nil
	}
	loops := b.host.loops()
	i := slices.IndexFunc(loops, func(l asm.Loop) bool { return l.ID == roof.ID && (p.Behind != nil || l.ISA.Within(k.ISA)) })
	if i < 0 {
		return nil
	}
	l, a := loops[i], &afterwards{roof: roof, spans: make([]span, b.pool.N())}
	data := make([]*asm.LoopData, b.pool.N())
	for w := range data {
		data[w] = l.NewLoopData()
	}
	n := b.iterations(func(w, n int) { l.Run(n, data[w]) })
	fill := max(1, int(float64(n)*fillTime.Seconds()/afterTime.Seconds()))
	a.work = float64(n) * l.OpsPerIter
	a.part = func(w int) {
		l.Run(fill, data[w])
		a.spans[w].begin = b.host.now()
		l.Run(n, data[w])
		a.spans[w].end = b.host.now()
	}
	return a
}

// iterations is how many of a loop take afterTime on all workers.
func (b *bench) iterations(run func(worker, n int)) int {
	const most = 1 << 20
	for n := 64; ; n *= 2 {
		part := func(w int) { run(w, n) }
		took := max(min(b.pool.Time(1, part), b.pool.Time(1, part)), 1) // one may be disturbed
		if took >= afterTime/2 || n >= most {
			return max(1, int(float64(n)*float64(afterTime)/float64(took)))
		}
	}
}

// runAfterwards takes one sample of the loop: the rates of all workers together, each in its own time. Those do not end at the same moment
// where other programs run: from the first begin to the last end two workers were 4 to 6 % slower on a busy machine.
func (b *bench) runAfterwards(a *afterwards) {
	if a == nil {
		return
	}
	b.pool.Time(1, a.part)
	rate := 0.0
	for _, s := range a.spans {
		rate += a.work / max(s.end.Sub(s.begin), 1).Seconds()
	}
	a.rates = append(a.rates, rate)
}

func (a *afterwards) summary() *roofline.AtClock {
	if a == nil || len(a.rates) == 0 {
		return nil
	}
	return &roofline.AtClock{By: a.roof.ID, Unit: a.roof.Unit, Value: stats.Summarize(a.rates), Samples: slices.Clone(a.rates)}
}

// grow makes room for the rate of another turn, so that the turn itself allocates nothing.
func (a *afterwards) grow() {
	if a != nil {
		a.rates = slices.Grow(a.rates, 1)
	}
}
