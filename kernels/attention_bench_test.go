package kernels

import (
	"fmt"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

func BenchmarkAttention(b *testing.B) {
	for _, k := range attentionKernels {
		for _, s := range []shape.Shape{
			{H: 1, Q: 512, KV: 512, D: 64},
			{H: 1, Q: 512, KV: 512, D: 64, Causal: true},
			{H: 1, Q: 2048, KV: 2048, D: 128},
		} {
			benchmarkShape(b, k, s)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, k := range decodeKernels {
		for _, kv := range []int{1024, 65536} {
			benchmarkShape(b, k, shape.Shape{H: 1, Q: 1, KV: kv, D: 128})
		}
	}
}

// benchmarkShape times calls of k on one worker and reports work and compulsory traffic per second.
func benchmarkShape(b *testing.B, k *Kernel, s shape.Shape) {
	b.Run(fmt.Sprintf("%s/%s", k.Variant, s), func(b *testing.B) {
		instance, err := k.Build(s, 1)
		if err != nil {
			b.Skip(err)
		}
		for b.Loop() {
			instance.Part(0)
		}
		calls := float64(b.N) / b.Elapsed().Seconds()
		work := k.Work(s)
		b.ReportMetric(work.FLOPs*calls/1e9, "GFLOP/s")
		b.ReportMetric((work.LoadBytes+work.StoreBytes)*calls/1e9, "GB/s")
	})
}
