package instrument

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// BenchmarkCompare times kernels as they are, counted and traced (with the log thrown away), a piece of each in turn, and
// reports the ratios of the best of 25. scripts/compare-instrument runs it.
func BenchmarkCompare(b *testing.B) {
	for _, c := range []struct{ id, size string }{
		{"matmul/avx2/f32", "256x256x256"}, {"matmul/avx2/f64", "256x256x256"},
		{"matmul/avx512/f32", "64x64x64"}, {"matmul/avx512/f32", "256x256x256"}, {"matmul/avx512/f32", "512x512x512"},
		{"matmul/avx512/f64", "256x256x256"}, {"matmul/avx512/f32", "250x250x250"},
		{"attention/avx2/f32", "h=1,q=256,kv=256,d=64"}, {"attention/avx512/f32", "h=1,q=256,kv=256,d=64"},
		{"attention/avx512/f32", "h=2,q=200,kv=200,d=64,causal"},
		{"decode/avx512/f32", "h=1,q=1,kv=2048,d=64"}, {"decode/avx2/f32", "h=1,q=1,kv=2048,d=64"},
		{"matmul/avx512/bf16", "256x256x256"}, {"matmul/avx512/int8", "256x256x256"}, {"matmul/avx512/bf16", "67x129x43"}, {"matmul/avx512/int8", "67x129x43"},
		{"matmul/avx512/f32", "1x512x512"}, {"matmul/avx512/f32", "4x512x512"}, {"matmul/avx512/f32", "67x129x43"}, {"matmul/avx2/f32", "4x512x512"}, {"matmul/avx2/f64", "1x512x512"},
		{"matmul/avx512/bf16", "4x512x512"}, {"matmul/avx512/int8", "4x512x512"},
		{"attention/avx512/bf16", "h=1,q=256,kv=256,d=64"}, {"attention/avx512/bf16", "h=2,q=200,kv=200,d=64,causal"},
		{"decode/avx2/bf16", "h=1,q=1,kv=2048,d=64"}, {"decode/avx512/bf16", "h=1,q=1,kv=2048,d=64"}, {"decode/dot/bf16", "h=1,q=1,kv=2048,d=64"},
		{"decode/avx2/int8", "h=1,q=1,kv=2048,d=64"}, {"decode/avx512/int8", "h=1,q=1,kv=2048,d=64"}, {"decode/vnni/int8", "h=1,q=1,kv=4096,d=64"},
		{"gemv/avx512/f32", "256x1024"}, {"gemv/avx512/f32", "4096x4096"},
		{"dot/avx512/f32", "100000"}, {"copy/avx512/f32", "65536"},
		{"triad/avx512/f32", "3000"}, {"triad/avx512/f32", "65541"}, {"triad/avx2/f32", "65541"}, {"triad/avx512/f64", "500000"}, {"triad/avx512/f32", "16777216"},
	} {
		b.Run(c.id+" "+c.size, func(b *testing.B) { compare(b, c.id, c.size) })
	}
}

func compare(b *testing.B, id, size string) {
	_, _, in := build(b, id, size, 1)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	part := func() { in.Part(0) }
	part()
	modes := []Options{{Mode: rewrite.Count, ABI: blocks.GoABI0}, {Mode: rewrite.Trace, ABI: blocks.GoABI0}}
	var programs []*Program
	var threads []*Thread
	for _, o := range modes {
		p, err := New(assembly(), o)
		if err != nil {
			b.Fatal(err)
		}
		defer p.Close()
		th, err := p.NewThread()
		if err != nil {
			b.Fatal(err)
		}
		defer th.Close()
		programs, threads = append(programs, p), append(threads, th)
	}
	times := func(n int) time.Duration {
		begin := time.Now()
		for range n {
			part()
		}
		return time.Since(begin)
	}
	native := times(3)
	n := max(1, int(2*time.Millisecond/max(native/3, 1)))
	best := [3]time.Duration{1 << 60, 1 << 60, 1 << 60}
	for range 25 {
		best[0] = min(best[0], times(n))
		for m, p := range programs {
			undo, err := p.Patch()
			if err != nil {
				b.Fatal(err)
			}
			if err := threads[m].Run(func() {
				part()
				best[m+1] = min(best[m+1], times(n))
			}); err != nil {
				b.Fatal(err)
			}
			if err := undo(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(best[0].Seconds()*1e6/float64(n), "native-µs")
	b.ReportMetric(float64(best[1])/float64(best[0]), "count")
	b.ReportMetric(float64(best[2])/float64(best[0]), "trace")
}

// BenchmarkSimulate replays traces into simulated caches, this machine's as they are and under the policies that Intel's
// get, and reports accesses per second of the thread's own time, tracing included, best of 15; beside that how fast the
// references are listed alone.
func BenchmarkSimulate(b *testing.B) {
	own, _, err := sim.Machine(1)
	if err != nil {
		b.Fatal(err)
	}
	intel := own
	intel.Levels = nil
	for i, l := range own.Levels {
		if l.Policy = sim.QLRUH00M1R0U1; i == 0 {
			l.Policy = sim.TreePLRU
		}
		intel.Levels = append(intel.Levels, l)
	}
	for _, c := range []struct{ id, size string }{{"matmul/avx512/f32", "512x512x512"}, {"attention/avx512/f32", "h=1,q=512,kv=512,d=64"}, {"triad/avx512/f32", "4000000"}} {
		for policies, config := range map[string]sim.Config{"own": own, "Intel's": intel} {
			b.Run(c.id+" "+c.size+" "+policies, func(b *testing.B) { simulateTrace(b, c.id, c.size, config) })
		}
	}
}

func simulateTrace(b *testing.B, id, size string, config sim.Config) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_, _, in := build(b, id, size, 1)
	system, err := sim.New(config)
	if err != nil {
		b.Fatal(err)
	}
	instrumented(b, Options{Mode: rewrite.Trace, ABI: blocks.GoABI0}, func(_ *Program, th *Thread) {
		const rounds = 15
		var listed uint64
		best := [2]time.Duration{1 << 60, 1 << 60}
		for range rounds {
			for i, sink := range []Sink{
				func(l *Log) { l.Replay(system.Core(0)) },
				func(l *Log) { l.References(func(list []sim.Access) { listed += uint64(len(list)) }) },
			} {
				th.SetSink(sink)
				begin := threadTime(b)
				if err := th.Run(func() { in.Part(0) }); err != nil {
					b.Fatal(err)
				}
				best[i] = min(best[i], threadTime(b)-begin)
			}
		}
		accesses := float64(listed) / rounds / 1e6
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(accesses, "Maccesses")
		b.ReportMetric(accesses/best[0].Seconds(), "Maccesses/s")
		b.ReportMetric(accesses/best[1].Seconds(), "listed-M/s")
	})
}

// threadTime is the time that this thread has been running.
func threadTime(b *testing.B) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		b.Fatal(err)
	}
	return time.Duration(ts.Nano())
}

// BenchmarkFixedCost times a call of a tiny function: as it is, and counted and traced in its place and by Thread.Call; best of 25.
func BenchmarkFixedCost(b *testing.B) {
	testkit.SkipUnsupported(b, cpu.Usable(cpu.AVX2))
	var dot Function
	for _, f := range assembly() {
		if f.Name == asmPackage+"DotAVX2F64" {
			dot = f
		}
	}
	one := []float64{2}
	args := Arguments{Ints: []uint64{address(one), address(one), 1, 0}}
	direct := func() { asm.DotAVX2F64(&one[0], &one[0], 1) }
	const n = 10000
	var best [5]time.Duration // native, then patched and by Call, counted and traced
	for i := range best {
		best[i] = 1 << 60
	}
	timed := func(i int, f func()) {
		f()
		begin := threadTime(b)
		for range n {
			f()
		}
		best[i] = min(best[i], threadTime(b)-begin)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var programs []*Program
	var threads []*Thread
	for _, mode := range []rewrite.Mode{rewrite.Count, rewrite.Trace} {
		p, err := New([]Function{dot}, Options{Mode: mode, ABI: blocks.GoABI0})
		if err != nil {
			b.Fatal(err)
		}
		defer p.Close()
		th, err := p.NewThread()
		if err != nil {
			b.Fatal(err)
		}
		defer th.Close()
		programs, threads = append(programs, p), append(threads, th)
	}
	for range 25 {
		timed(0, direct)
		for m, p := range programs {
			undo, err := p.Patch()
			if err != nil {
				b.Fatal(err)
			}
			if err := threads[m].Run(func() { timed(1+2*m, direct) }); err != nil {
				b.Fatal(err)
			}
			if err := undo(); err != nil {
				b.Fatal(err)
			}
			if err := threads[m].Run(func() {
				timed(2+2*m, func() {
					if _, err := threads[m].Call(dot.Entry, &args); err != nil {
						b.Fatal(err)
					}
				})
			}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(best[0].Nanoseconds())/n, "native-ns")
	for i, unit := range []string{"counted-more-ns", "counted-Call-more-ns", "traced-more-ns", "traced-Call-more-ns"} {
		b.ReportMetric(float64((best[1+i]-best[0]).Nanoseconds())/n, unit)
	}
}
