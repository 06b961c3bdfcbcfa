package ccall

import (
	"runtime"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// BenchmarkCompareOpenBLAS times OpenBLAS's kernels as they are, counted and traced (with the log thrown away), one call of
// each in turn, and reports the ratios of the best of 25. scripts/compare-instrument OpenBLAS runs it.
func BenchmarkCompareOpenBLAS(b *testing.B) {
	lib := openblas(b)
	for _, kernel := range []struct {
		name  string
		needs cpu.ISA
	}{{"sgemm_kernel_SKYLAKEX", cpu.AVX512}, {"sgemm_kernel_HASWELL", cpu.AVX2}, {"sgemm_kernel_ZEN", cpu.AVX2}} {
		b.Run(kernel.name, func(b *testing.B) {
			testkit.SkipUnsupported(b, cpu.Usable(kernel.needs))
			t, err := load(Spec{Object: lib, Function: kernel.name, Signature: sgemmCall})
			if err != nil {
				b.Fatal(err)
			}
			defer t.object.Close()
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var threads []*instrument.Thread
			for _, mode := range []rewrite.Mode{rewrite.Count, rewrite.Trace} {
				s := t.subject()
				p, err := instrument.New(s.Functions, instrument.Options{Mode: mode, ABI: blocks.SysV, Code: s.Called.Code, Name: s.Called.Name, Low: s.Called.Low, High: s.Called.High})
				if err != nil {
					b.Fatal(err)
				}
				defer p.Close()
				th, err := p.NewThread()
				if err != nil {
					b.Fatal(err)
				}
				defer th.Close()
				threads = append(threads, th)
			}
			best := [3]time.Duration{1 << 60, 1 << 60, 1 << 60}
			timed := func(i int) {
				begin := time.Now()
				t.instance.Part(0)
				best[i] = min(best[i], time.Since(begin))
			}
			for range 25 {
				t.call = nil
				timed(0)
				for i, th := range threads {
					if err := th.Run(func() {
						t.call = th.Call
						t.instance.Part(0)
						timed(i + 1)
					}); err != nil || t.err != nil {
						b.Fatal(err, t.err)
					}
				}
			}
			t.call = nil
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(best[0].Seconds()*1e6, "native-µs")
			b.ReportMetric(float64(best[1])/float64(best[0]), "count")
			b.ReportMetric(float64(best[2])/float64(best[0]), "trace")
		})
	}
}
