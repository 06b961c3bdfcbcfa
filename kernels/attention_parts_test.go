package kernels

import (
	"cmp"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
)

func TestAttendedPairs(t *testing.T) {
	for nq := 1; nq < 9; nq++ {
		for nkv := nq; nkv < 12; nkv++ {
			for _, causal := range []bool{false, true} {
				s := shape.Shape{H: 1, Q: nq, KV: nkv, D: 1, Causal: causal}
				want := 0
				for i := range nq {
					for j := range nkv {
						if !causal || j <= i+nkv-nq {
							want++
						}
					}
				}
				if got := attendedPairs(s); got != float64(want) {
					t.Errorf("attendedPairs(%+v) = %v, want %d", s, got, want)
				}
			}
		}
	}
}

func TestAttentionWork(t *testing.T) {
	s := shape.Shape{H: 2, Q: 3, KV: 5, D: 7, Causal: true}
	for _, tt := range []struct {
		dtype  DType
		qBytes int
		load   float64
	}{
		{F32, 4, 2 * 4 * 7 * (3 + 5 + 5)},
		{BF16, 2, 2 * 2 * 7 * (3 + 5 + 5)},
		{BF16, 4, 2 * 7 * (4*3 + 2*5 + 2*5)},   // decode: the query is of float32
		{INT8, 4, 2 * (7*(4*3+5+5) + 4*(5+5))}, // and keys and values have a scale each
	} {
		want := Work{FLOPs: 2 * 4 * 7 * (3 + 4 + 5), LoadBytes: tt.load, StoreBytes: 2 * 4 * 7 * 3}
		want.WorkingSet = int64(want.LoadBytes+want.StoreBytes) + 100
		if w := attentionWork(s, tt.dtype, tt.qBytes, 100); w != want {
			t.Errorf("%s: got %+v, want %+v", tt.dtype, w, want)
		}
	}
}

func TestSplitByCost(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 7} {
		for _, n := range []int{1, 2, 5, 100} {
			cost := func(i int) int { return i + 1 }
			spans := splitByCost(n, workers, cost)
			next, total := 0, 0
			sums := make([]int, workers)
			for w, s := range spans {
				if s.from != next || s.to < s.from {
					t.Fatalf("n=%d workers=%d: spans %v leave a gap", n, workers, spans)
				}
				for next = s.from; next < s.to; next++ {
					sums[w] += cost(next)
					total += cost(next)
				}
			}
			if next != n {
				t.Fatalf("n=%d workers=%d: spans %v end at %d", n, workers, spans, next)
			}
			if largest := slices.Max(sums); largest > total/workers+n+1 {
				t.Errorf("n=%d workers=%d: a share of %d of %d is not balanced", n, workers, largest, total)
			}
		}
	}
}

func TestCheckAttention(t *testing.T) {
	bad := []shape.Shape{{}, {H: 1, Q: 1, KV: 1}, {H: 1, Q: 5, KV: 4, D: 8, Causal: true}, {M: 1, H: 1, Q: 1, KV: 1, D: 1}}
	for _, s := range bad {
		if checkAttention(s) == nil {
			t.Errorf("checkAttention(%+v) accepts an impossible shape", s)
		}
	}
}

func TestShareOfWorkers(t *testing.T) {
	for _, heads := range []int{1, 2, 3, 5, 8} {
		for _, n := range []int{1, 16, 17, 48, 64, 65, 100, 128, 320, 512, 1000, 1024, 2048} {
			for _, causal := range []bool{false, true} {
				for _, k := range []*laneKernels{attentionAVX512, attentionAMX} {
					for _, few := range []int{0, 3} {
						p := &attentionProblem{heads: heads, nq: n + few, nkv: n + 5, d: 64, causal: causal}
						for _, workers := range []int{1, 2, 3, 7} {
							checkShares(t, k, p, n, k.share(p, n, workers))
						}
					}
				}
			}
		}
	}
}

// checkShares checks that all queries of p are shared, each once, those from nq on apart, and evenly.
func checkShares(t *testing.T, k *laneKernels, p *attentionProblem, nq int, shares [][]headBlock) {
	t.Helper()
	seen, pairs, vectors, total := map[[2]int]bool{}, make([]int, len(shares)), make([]int, len(shares)), 0
	for w, share := range shares {
		if !slices.IsSortedFunc(share, func(a, b headBlock) int { return cmp.Or(a.head-b.head, a.from-b.from) }) {
			t.Fatalf("h=%d q=%d: the blocks %v are not in order", p.heads, p.nq, share)
		}
		for _, b := range share {
			last := b.span == span{nq, p.nq}
			if !last && (b.from%k.lanes != 0 || b.to <= b.from || b.to > nq || b.to-b.from > k.queries()) {
				t.Fatalf("h=%d q=%d: block %v", p.heads, p.nq, b)
			}
			for i := b.from; i < b.to; i++ {
				if seen[[2]int{b.head, i}] {
					t.Fatalf("h=%d q=%d: query %d of head %d twice", p.heads, p.nq, i, b.head)
				}
				seen[[2]int{b.head, i}] = true
				pairs[w] += p.attended(i)
				total += p.attended(i)
			}
			if !last {
				vectors[w] += (b.to - b.from + k.lanes - 1) / k.lanes
			}
		}
	}
	if len(seen) != p.heads*p.nq {
		t.Fatalf("h=%d q=%d: %d queries were shared", p.heads, p.nq, len(seen))
	}
	// From 1024 queries on two workers can be twice as fast as one: neither has more than 2 % too much.
	if most := slices.Max(pairs); p.nq >= 1024 && len(shares) == 2 && float64(most) > 1.02*float64(total)/2 {
		t.Errorf("h=%d q=%d causal=%v: the shares of two workers are %v", p.heads, p.nq, p.causal, pairs)
	}
	// Without a mask all vectors of queries of the heads that are not shared whole are shared evenly.
	if each, n := (nq+k.lanes-1)/k.lanes, len(shares); !p.causal && !k.ahead && nq == p.nq {
		if most := p.heads/n*each + (p.heads%n*each+n-1)/n; slices.Max(vectors) > most {
			t.Errorf("h=%d q=%d: vectors of workers are %v, more than %d", p.heads, nq, vectors, most)
		}
	}
}
