package analysis

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// Fill completes the run's analysis: gap, findings and quality, and with them the sentence and the advice of its bound. The run
// has been placed. What it was told before, as the instruction mix, stays.
func Fill(run *roofline.Run, c Context) {
	if run.Analysis == nil {
		run.Analysis = &roofline.Analysis{}
	}
	a := run.Analysis
	m := newModel(run, c)
	a.Gap = m.gap(run.Time.Median)
	a.Findings = m.findings()
	a.Quality = quality(run, c)
	if b := run.Bound; b != nil && len(a.Findings) > 0 {
		b.Advice = nil
		for _, f := range a.Findings {
			b.Advice = append(b.Advice, Advice(f))
			if f.ID == lastCacheTaken {
				b.Why = strings.Replace(b.Why, roofline.HeldOtherwise, "held by memory, as it seems, not by this roof", 1)
			}
		}
	}
}

// Advice is a finding in one sentence: the cause, what to do, and what it is expected to bring.
func Advice(f roofline.Finding) string {
	text := f.Cause + "; " + f.Next
	if f.Gain > 0 {
		text += fmt.Sprintf(" (expected: %s)", Gain(f))
	}
	return text
}

// Gain is the expected gain of a finding in words, "" where it is not known.
func Gain(f roofline.Finding) string {
	if f.Gain == 0 {
		return ""
	}
	text := fmt.Sprintf("%.2g× as fast", f.Gain)
	if f.From > 0 && f.To > 0 {
		text += fmt.Sprintf(", bound from %s to %s", rate(f.From, f.Unit), rate(f.To, f.Unit))
	}
	return text
}
