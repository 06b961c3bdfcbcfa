package report

import (
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// A level without traffic is told from one whose bytes nobody counted, as in the table of the terminal.
func TestIntensityWithoutTraffic(t *testing.T) {
	counted := func(q perf.Quantity, v float64) map[perf.Quantity][]perf.Count {
		return map[perf.Quantity][]perf.Count{perf.FLOPs: {{Value: 8, Source: perf.SourceAnalytic, Quality: perf.Analytic}},
			q: {{Value: v, Source: perf.SourceSimulated, Quality: perf.Simulated}}}
	}
	for _, tt := range []struct {
		counts    map[perf.Quantity][]perf.Count
		text, why string
	}{
		{counted(perf.BytesL3, 0), "∞", "no traffic was seen at this level (simulated)"},
		{counted(perf.BytesL2, 0), "–", "not counted"},
		{map[perf.Quantity][]perf.Count{perf.BytesL3: {{Source: perf.SourceSimulated, Quality: perf.Simulated}}}, "–", "no intensity: 0 B at this level"},
	} {
		if got := intensity(roofline.Run{Counts: tt.counts}, "L3"); got.Text != tt.text || !strings.Contains(got.Why, tt.why) {
			t.Errorf("%v: %+v, want %q, %q", tt.counts, got, tt.text, tt.why)
		}
	}
}
