package cache

import "math"

// hop is one point of a latency curve: how long a load takes in a pointer chase through a working set.
type hop struct {
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

const (
	mostLevels = 4   // memory among them: more than three caches are hardly found, more steps in one curve are
	narrowest  = 3   // points of a level at least
	splitWorth = 0.5 // squared logarithms that one more level must explain: 8 points that are off by a quarter
	steepBy    = 2.0 // how much slower a level must be than the one before: misses of the TLB cost less, and half a step does
	slowest    = 60  // how many times as slow as the innermost level no cache is
	leaves     = 2.0 // times what its level takes: there a working set is not held any more
)

// ends returns the largest working sets, innermost first, that the caches hold according to a curve in half octaves. What lies beyond the
// last of them is memory, or a cache whose end the curve does not reach.
//
// Whatever disturbs a chase slows it down, and no working set is faster than a part of it: so the curve is first lowered to the fastest
// that follows. Then it is cut into levels so that the logarithms of the latencies are near the mean of their level: a cache that is
// shared with others has no sharp end. Levels less than twice as slow as the one before belong to it.
func ends(curve []hop) (bytes []int64) {
	n := len(curve)
	if n < 2*narrowest {
		return nil
	}
	logs := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		if logs[i] = math.Log(curve[i].Seconds); i+1 < n {
			logs[i] = min(logs[i], logs[i+1])
		}
	}
	from, starts := 0, append(cuts(logs), n)
	for i, to := range starts[:len(starts)-1] {
		// The first points of a level may be on the step to it, and the last ones leave it.
		level, late, next := logs[from+(to-from)/3], logs[from+(to-from)*2/3], logs[(to+starts[i+1])/2]
		switch {
		case next-late < math.Log(steepBy):
			continue
		case level-logs[0] > math.Log(slowest):
			return bytes
		}
		last := to - 1
		for logs[last] > level+math.Log(leaves) {
			last--
		}
		bytes, from = append(bytes, curve[last].Bytes), to
	}
	return bytes
}

// cuts returns where the levels of a rising curve begin, without the first, so that the squared distances from their means and splitWorth
// for each level are least in sum.
func cuts(logs []float64) (starts []int) {
	n := len(logs)
	var cost [mostLevels + 1][]float64 // of the first points, in so many levels
	var start [mostLevels + 1][]int
	best := 1
	for k := range cost {
		cost[k], start[k] = make([]float64, n+1), make([]int, n+1)
		for to := range n + 1 {
			cost[k][to] = math.Inf(1)
			for from := 0; k > 0 && from <= to-narrowest; from++ {
				if c := cost[k-1][from] + scatter(logs[from:to]) + splitWorth; c < cost[k][to] {
					cost[k][to], start[k][to] = c, from
				}
			}
		}
		if k == 0 {
			cost[0][0] = 0
		} else if cost[k][n] < cost[best][n] {
			best = k
		}
	}
	for at, k := start[best][n], best-1; k > 0; at, k = start[k][at], k-1 {
		starts = append([]int{at}, starts...)
	}
	return starts
}

func scatter(logs []float64) (sum float64) {
	m := mean(logs)
	for _, v := range logs {
		sum += (v - m) * (v - m)
	}
	return sum
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}
