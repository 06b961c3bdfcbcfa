package kernels

import (
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
)

// BenchmarkKernels reports the rate of every kernel on one thread, and the share of its compute ceiling: calls and the
// ceiling's loop alternate, so that both see the same clock. `roofline measure` is the instrument for anything finer.
func BenchmarkKernels(b *testing.B) {
	for _, k := range All() {
		b.Run(k.ID(), func(b *testing.B) { benchmark(b, k, DefaultShape(k.Op)) })
	}
}

// BenchmarkMatmulSizes shows how the rate depends on the size.
func BenchmarkMatmulSizes(b *testing.B) {
	for _, k := range matmulKernels {
		for _, n := range []int{64, 128, 256, 512, 1000, 1024} {
			if k.ISA == cpu.Go && n > 256 {
				continue
			}
			s := shape.Shape{M: n, N: n, K: n}
			b.Run(k.ID()+"/"+s.String(), func(b *testing.B) { benchmark(b, k, s) })
		}
	}
}

func benchmark(b *testing.B, k *Kernel, s shape.Shape) {
	for _, isa := range k.Needs {
		testkit.SkipUnsupported(b, cpu.Usable(isa))
	}
	in, err := k.Build(s, 1)
	if err != nil {
		b.Fatal(err)
	}
	in.Part(0)
	batch := batchOf(func() { in.Part(0) })
	ceiling, perBatch := ceilingLoop(k.Roof)
	var kernel, roof time.Duration
	calls, batches := 0, 0
	for b.Loop() {
		start := time.Now()
		for range batch {
			in.Part(0)
		}
		middle := time.Now()
		ceiling()
		kernel += middle.Sub(start)
		roof += time.Since(middle)
		calls += batch
		batches++
	}
	work := k.Work(s)
	perCall := kernel.Seconds() / float64(calls)
	rate := work.FLOPs / perCall
	b.ReportMetric(0, "ns/op") // it would include the ceiling's loop
	b.ReportMetric(perCall*1e6, "µs/call")
	b.ReportMetric(rate/1e9, "GFLOP/s")
	b.ReportMetric((work.LoadBytes+work.StoreBytes)/perCall/1e9, "GB/s")
	if perBatch > 0 {
		b.ReportMetric(100*rate/(perBatch*float64(batches)/roof.Seconds()), "%roof")
	}
}

// batchOf returns how many calls take about a millisecond, long against the clock's resolution and short against
// changes of frequency.
func batchOf(call func()) int {
	start := time.Now()
	call()
	return int(time.Millisecond/max(time.Since(start), 1)) + 1
}

// ceilingLoop returns a run of about a millisecond of the loop behind a ceiling, and its FLOPs; nothing where there is no
// such loop.
func ceilingLoop(id string) (run func(), flops float64) {
	for _, l := range asm.Loops() {
		if l.ID == id {
			data := l.NewLoopData()
			n := 1000
			n *= batchOf(func() { l.Run(n, data) })
			return func() { l.Run(n, data) }, l.OpsPerIter * float64(n)
		}
	}
	return func() {}, 0
}
