// Package stats summarises timing samples without assuming a distribution.
// It refuses to guess: with fewer than 6 samples there is no 95 % interval, and it says so.
package stats

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Confidence is the level of every interval in a result document.
const Confidence = 0.95

// MinSamples is the smallest sample that has a 95 % interval of its median: with n samples the widest order-statistic
// interval covers 1 − 2·2⁻ⁿ, which passes 0.95 at n = 6.
const MinSamples = 6

// Estimate is a median with its 95 % confidence interval, in the unit of the samples.
// Lo and Hi are NaN (JSON null) when there are too few samples, or turns, for an interval.
type Estimate struct {
	Median float64 `json:"median"`
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	N      int     `json:"n"`               // samples, whatever turns they came in
	Turns  int     `json:"turns,omitempty"` // turns of N/Turns consecutive samples that median and interval are of; 0: of the samples themselves
}

// Summarize returns the median of samples and its order-statistic interval, as golang.org/x/perf/benchmath computes it
// (AssumeNothing). The samples stay in their order. Without samples all three values are NaN; samples that are NaN make
// the median NaN, since a summary that left them out would hide a broken clock.
func Summarize(samples []float64) Estimate {
	e := Estimate{Median: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), N: len(samples)}
	if len(samples) == 0 || slices.ContainsFunc(samples, math.IsNaN) {
		return e
	}
	sample := benchmath.NewSample(slices.Clone(samples), &benchmath.DefaultThresholds)
	s := benchmath.AssumeNothing.Summary(sample, Confidence)
	e.Median = s.Center
	if len(samples) >= MinSamples { // below, benchmath reports ±Inf
		e.Lo, e.Hi = s.Lo, s.Hi
	}
	return e
}

// SummarizeTurns is Summarize for samples that were taken in turns of perTurn consecutive ones, between which the machine
// may have changed. Samples of one turn resemble each other, so that they are no independent witnesses: each turn counts
// once, by its median. The result is the median of these with its order-statistic interval, which needs MinSamples turns.
// Samples of a turn that is not complete at the end count in N only.
func SummarizeTurns(samples []float64, perTurn int) Estimate {
	turn := make([]float64, perTurn)
	medians := make([]float64, 0, len(samples)/perTurn)
	for whole := range slices.Chunk(samples, perTurn) {
		if len(whole) == perTurn {
			copy(turn, whole)
			medians = append(medians, median(turn))
		}
	}
	e := Summarize(medians)
	e.N, e.Turns = len(samples), len(medians)
	return e
}

// median reorders samples. It is NaN when one of them is.
func median(samples []float64) float64 {
	slices.Sort(samples) // NaN first
	n := len(samples)
	if math.IsNaN(samples[0]) {
		return samples[0]
	}
	return (samples[(n-1)/2] + samples[n/2]) / 2
}

// Known says whether e has an interval.
func (e Estimate) Known() bool { return !math.IsNaN(e.Lo) && !math.IsNaN(e.Hi) }

// RelHalfWidth is half the width of the interval, relative to the median. It is +Inf when there is no interval, so that
// "narrow enough" is false for a sample that is too small.
func (e Estimate) RelHalfWidth() float64 {
	if !e.Known() || e.Median == 0 {
		return math.Inf(1)
	}
	return math.Abs((e.Hi - e.Lo) / 2 / e.Median)
}

// Scale returns k·e, in the unit of k times that of e.
func (e Estimate) Scale(k float64) Estimate {
	s := Estimate{Median: k * e.Median, Lo: k * e.Lo, Hi: k * e.Hi, N: e.N, Turns: e.Turns}
	if k < 0 {
		s.Lo, s.Hi = s.Hi, s.Lo
	}
	return s
}

// Over returns k/e for positive samples: with e the time of one call and k its work, the rate. The lower bound of the
// time is the upper bound of the rate. The result is an order-statistic interval again, because 1/x keeps the order;
// for an even number of samples its median differs from the median of the rates by less than the gap between the two
// middle samples.
func (e Estimate) Over(k float64) Estimate {
	return Estimate{Median: k / e.Median, Lo: k / e.Hi, Hi: k / e.Lo, N: e.N, Turns: e.Turns}
}
