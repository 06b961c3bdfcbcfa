package compare

import (
	"fmt"
	"math"
	"strings"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Outcome is the verdict in one word.
type Outcome string

// The outcomes.
const (
	Faster       Outcome = "faster"
	Slower       Outcome = "slower"
	NoDifference Outcome = "no difference"
	Inconclusive Outcome = "inconclusive"
)

// Verdict is the answer in words.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	Text    string  `json:"text"`
}

// judge decides. A difference is real when its interval leaves out 1, the adjusted p is below Significance, and it is
// larger than the noise floor. Without one, the answer is "no difference" as far as the interval excludes one of
// inconclusiveBeyond, and else that more pairs are needed.
func (c *Comparison) judge() Verdict {
	s := c.Time.Speedup
	if !s.Known() {
		why := "no interval"
		if len(c.Time.Warnings) > 0 {
			why = c.Time.Warnings[0]
		}
		cure := ""
		if c.Time.Speedup.N < stats.MinSamples {
			why = fmt.Sprintf("%d of a side are too few for an interval", c.Time.Speedup.N)
			cure = fmt.Sprintf("; take at least %d pairs, or leave --pairs out", stats.MinSamples)
			if len(c.Base.Times) == 0 {
				cure = "; measure for longer (--time-budget), or compare live"
			}
		}
		return Verdict{Inconclusive, "inconclusive: " + why + cure}
	}
	separate := s.Lo > 1 || s.Hi < 1
	switch {
	case separate && c.proven(Significance):
		return c.difference()
	case c.Alone > 0 && separate && max(s.Hi-1, 1/s.Lo-1) > inconclusiveBeyond:
		return Verdict{Inconclusive, fmt.Sprintf("inconclusive: time %s %s between one process each, and %s", signed(change(s.Median)), c.interval(), c.aloneNote())}
	case max(s.Hi-1, 1/s.Lo-1) > max(inconclusiveBeyond, 2*c.Floor):
		return Verdict{Inconclusive, fmt.Sprintf("inconclusive: anything from %s to %s of the time is possible; take more pairs, or quiet the machine",
			signed(change(s.Hi)), signed(change(s.Lo)))}
	case c.Floor > 0 && separate:
		return Verdict{NoDifference, fmt.Sprintf("no difference: time %s %s is within the noise floor of %.1f %%", signed(change(s.Median)), c.interval(), 100*c.Floor)}
	}
	return Verdict{NoDifference, fmt.Sprintf("no difference: time %s %s", signed(change(s.Median)), c.interval())}
}

// aloneNote says what single processes cannot tell.
func (c *Comparison) aloneNote() string {
	if c.Alone > apart {
		return fmt.Sprintf("one of them was disturbed or unsteady, where identical code may differ by a factor of %.0f; compare live", 1+c.Alone)
	}
	return fmt.Sprintf("processes of identical code may differ by %.0f %%; compare live", 100*max(c.Floor, c.Alone))
}

// hidden says whether a difference is one but for the noise floor, so that more pairs, whose floor is lower, might tell.
func (c *Comparison) hidden() bool {
	s := c.Time.Speedup
	return (s.Lo > 1 || s.Hi < 1) && c.Adjusted < Significance && !beyond(s.Median, c.Floor)
}

// proven says whether a difference is one by the adjusted p, and above the noise floor and what processes differ by.
func (c *Comparison) proven(significance float64) bool {
	return c.Adjusted < significance && beyond(c.Time.Speedup.Median, max(c.Floor, c.Alone))
}

// inconclusiveBeyond is the difference that an interval must exclude for "no difference" to be an answer.
const inconclusiveBeyond = 0.05

// difference words a real difference: how much, what moved with it, and what binds now.
func (c *Comparison) difference() Verdict {
	s := c.Time.Speedup
	v := Verdict{Outcome: Faster}
	how, lo, hi := s.Median-1, s.Lo-1, s.Hi-1
	if s.Median < 1 {
		v.Outcome = Slower
		how, lo, hi = 1/s.Median-1, 1/s.Hi-1, 1/s.Lo-1
	}
	text := fmt.Sprintf("%s by %s [%s, %s]", v.Outcome, percent(how), number(lo), number(hi))
	if how >= 1 {
		text = fmt.Sprintf("%s: %.2f × [%.2f, %.2f]", v.Outcome, 1+how, 1+lo, 1+hi)
	}
	if moved := c.moved(); len(moved) > 0 {
		text += ", " + strings.Join(moved, ", ")
	}
	v.Text = text + c.bound()
	return v
}

// moved names the counts that differ by more than a percent, outermost bytes first: they explain the time.
func (c *Comparison) moved() (list []string) {
	for i := len(c.Metrics) - 1; i >= 0; i-- {
		m := c.Metrics[i]
		what, ok := map[string]string{"flops": "FLOPs", "bytes.L1": "L1 bytes", "bytes.L2": "L2 bytes", "bytes.L3": "L3 bytes", "bytes.DRAM": "DRAM bytes"}[m.Name]
		if !ok || math.IsNaN(m.Ratio.Median) || math.Abs(m.Ratio.Median-1) < 0.01 {
			continue
		}
		word := "more"
		if m.Ratio.Median < 1 {
			word = "fewer"
		}
		list = append(list, fmt.Sprintf("%s %s (%s)", word, what, signed(m.Ratio.Median-1)))
	}
	return list
}

// bound says what binds the new side, and whether that changed.
func (c *Comparison) bound() string {
	b, n := c.Base.Run.Bound, c.New.Run.Bound
	if n == nil {
		return ""
	}
	word := "still"
	if b == nil || b.By != n.By {
		word = "now"
	}
	return fmt.Sprintf("; %s bound by %s (%.0f %% of it)", word, roofline.BoundName(n.By), 100*n.Fraction)
}

// interval is the interval of the change of time.
func (c *Comparison) interval() string {
	s := c.Time.Speedup
	return fmt.Sprintf("[%s, %s]", signed(change(s.Hi)), signed(change(s.Lo)))
}

// signed prints a relative change: "−4.1 %".
func signed(v float64) string {
	sign := "+"
	if v < 0 {
		sign = "−"
	}
	text := percent(math.Abs(v))
	if v != 0 && text == percent(0) {
		sign = "±"
	}
	return sign + text
}

func percent(v float64) string { return number(v) + " %" }

func number(v float64) string {
	if math.Abs(v) >= 0.995 {
		return fmt.Sprintf("%.0f", 100*v)
	}
	return fmt.Sprintf("%.1f", 100*v)
}
