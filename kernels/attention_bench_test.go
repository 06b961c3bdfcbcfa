package kernels

import (
	"fmt"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
)

// BenchmarkAttention has the shapes that prompts of language models have: one head and eight, head sizes of 64 and 128.
func BenchmarkAttention(b *testing.B) {
	for _, k := range attentionKernels {
		for _, d := range []int{64, 128} {
			for _, n := range []int{512, 1024, 2048, 4096} {
				for _, causal := range []bool{false, true} {
					for _, heads := range []int{1, 8} {
						if k.ISA == cpu.Go && n > 512 {
							continue
						}
						s := shape.Shape{H: heads, Q: n, KV: n, D: d, Causal: causal}
						b.Run(k.ID()+"/"+s.String(), func(b *testing.B) { benchmark(b, k, s) })
					}
				}
			}
		}
	}
}

// BenchmarkDecode has caches of keys and values that lie in L2, in the last cache, and in memory.
func BenchmarkDecode(b *testing.B) {
	for _, k := range decodeKernels {
		for _, kv := range []int{1024, 4096, 16384, 65536} {
			s := shape.Shape{H: 1, Q: 1, KV: kv, D: 128}
			b.Run(fmt.Sprintf("%s/%s", k.ID(), s), func(b *testing.B) { benchmark(b, k, s) })
		}
	}
}
