package compare

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// stored are results of one process each, with tight samples of their own, of which the new one takes so many times as long.
func stored(factor float64, quality ...roofline.Check) Pair {
	r := rand.New(rand.NewPCG(9, 9))
	side := func(seconds float64) Side {
		s := Side{Label: "r.json", Run: run("avx2", seconds, 4e6, 0.5)}
		samples := times(seconds, 0.003, 40, r)
		s.Run.Time = roofline.Timing{Unit: "s", Estimate: stats.Summarize(samples), Samples: samples}
		return s
	}
	p := Pair{ID: "x", Base: side(1e-3), New: side(1e-3 * factor)}
	if len(quality) > 0 {
		p.New.Run.Analysis = &roofline.Analysis{Quality: quality}
	}
	return p
}

// However tight the samples of one process are, they do not tell what another process would have taken.
func TestOneProcessEach(t *testing.T) {
	calm := []roofline.Check{{Name: "undisturbed", OK: true}, {Name: "steady", OK: true}, {Name: "A/A"}}
	busy := []roofline.Check{{Name: "undisturbed"}, {Name: "steady", OK: true}}
	for _, c := range []struct {
		name    string
		factor  float64
		quality []roofline.Check
		floor   float64
		want    Outcome
		ruling  Ruling
	}{
		{"identical", 1, nil, 0, NoDifference, Pass},
		{"3 % slower", 1.03, nil, 0, NoDifference, Unclear},
		{"8 % slower, no quality known", 1.08, nil, 0, Slower, Regressed},
		{"8 % slower, undisturbed", 1.08, calm, 0, Slower, Regressed},
		{"8 % slower, disturbed", 1.08, busy, 0, Inconclusive, Unfit},
		{"18 % faster, disturbed", 1 / 1.18, busy, 0, Inconclusive, Pass},
		{"three times as long, disturbed", 3, busy, 0, Slower, Regressed},
		{"8 % slower, below a larger floor", 1.08, calm, 0.1, Inconclusive, Unfit},
	} {
		got := only(t, stored(c.factor, c.quality...), c.floor)
		if got.Verdict.Outcome != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got.Verdict, c.want)
		}
		if ruling, findings := DefaultGate.Rule(&Report{Comparisons: []Comparison{got}}); ruling != c.ruling {
			t.Errorf("%s: %s %+v, want %s", c.name, ruling, findings, c.ruling)
		}
	}
}

// What is gone from the new results, and what is of another machine, does not pass.
func TestGateOnWhatCannotBeCompared(t *testing.T) {
	base := []Side{{Label: "a", Run: run("avx2", 1, 1, 1)}, {Label: "a", Run: run("avx512", 1, 1, 1)}}
	pairs, _ := Match(base, base[:1])
	lost := Lost(base, pairs)
	if strings.Join(lost, ";") != "matmul/avx512/f32 8x8x8" {
		t.Fatalf("lost %q", lost)
	}
	same := Compare([]Pair{pair(1, 0.005, 20, 1)}, 0.01)
	same.Lost = lost
	ruling, findings := DefaultGate.Rule(same)
	var b strings.Builder
	if err := WriteJUnit(&b, same, findings); ruling != Unclear || err != nil || !strings.Contains(b.String(), `errors="1"`) || !strings.Contains(b.String(), lost[0]) {
		t.Errorf("%s, %v: %s", ruling, err, b.String())
	}
	slower := Compare([]Pair{pair(1.5, 0.005, 20, 1)}, 0.01)
	slower.Machines = "measured on different machines"
	if ruling, findings := DefaultGate.Rule(slower); ruling != Unfit || len(findings) != 1 {
		t.Errorf("other machines: %s, %+v", ruling, findings)
	}
}

// A floor above the threshold hides regressions; it does not forbid to see that there is none.
func TestGatePassesUnderAHighFloor(t *testing.T) {
	if ruling, findings := DefaultGate.Rule(Compare([]Pair{pair(1, 0.005, 20, 1)}, 0.05)); ruling != Pass {
		t.Errorf("%s: %+v", ruling, findings)
	}
}

// Names and notes come from outside: they must not reach a terminal or a page as more than text.
func TestHostileNames(t *testing.T) {
	p := pair(1.5, 0.001, 10, 1)
	p.ID = "evil\x1b[2J\u202e|</td>\n# heading"
	r := Compare([]Pair{p}, 0.01)
	ruling, findings := DefaultGate.Rule(r)
	var text, page strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := WriteSummary(&page, r, ruling, findings); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{text.String(), page.String()} {
		if strings.ContainsAny(s, "\x1b\u202e") || strings.Contains(s, "\n# heading") {
			t.Errorf("%q", s)
		}
	}
}
