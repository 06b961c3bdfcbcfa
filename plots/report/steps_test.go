package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// sessionOf is a kernel measured again and again: at a rate, on a machine.
func sessionOf(rates []float64, machines string) Input {
	in := Input{Session: true}
	for i, rate := range rates {
		res := machine()
		res.Machine.Fingerprint = machines[i : i+1]
		res.Runs = []roofline.Run{kernel(res, "matmul", "avx512", "avx512", 512, 1, rate, [4]float64{1.5, 6, 40, 85})}
		in.Entries = append(in.Entries, entry(fmt.Sprintf("#%d", i+1), res))
	}
	return in
}

func storyOf(t *testing.T, in Input) *story {
	t.Helper()
	s, err := newStory(in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every step of a trend has one of the marks that the page defines, one without a difference too.
func TestEveryStepHasItsMark(t *testing.T) {
	list := trends(storyOf(t, sessionOf([]float64{20e9, 20e9, 41e9, 30e9}, "aaaa")))
	page, err := files.ReadFile("assets/tmpl/trends.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var shapes []string
	for _, m := range list[0].Marks {
		shapes = append(shapes, m.Shape)
		if !strings.Contains(string(page), `id="mark-`+m.Shape+`"`) {
			t.Errorf("no mark is called %q", m.Shape)
		}
	}
	if got := strings.Join(shapes, " "); got != "same same up down" {
		t.Errorf("marks %s", got)
	}
}

// A trend is told by the times of one machine: a slower one before says nothing of how much was gained.
func TestTrendOfTwoMachines(t *testing.T) {
	in := sessionOf([]float64{10e9, 90e9, 20e9, 30e9, 40e9}, "aabbb")
	median := func(step int) float64 { return in.Entries[step-1].Record.Result.Runs[0].Time.Median }
	got := trends(storyOf(t, in))[0]
	if want := fmt.Sprintf("%.2f× #3, the first on its machine", median(3)/median(5)); got.Since != want {
		t.Errorf("%q, want %q", got.Since, want)
	}
	if !strings.HasPrefix(got.Verdict, "against the best before (#4): ") {
		t.Errorf("%q, want a comparison with #4, the best of the same machine", got.Verdict)
	}
}

// An arrow says what changed between the steps that it connects, and nothing where others lie between that are not drawn.
func TestArrowsSayWhatTheyConnect(t *testing.T) {
	for _, tt := range []struct {
		rates    []float64
		machines string
		want     []string
	}{
		{[]float64{10e9, 30e9, 90e9}, "aaa", []string{"3.0×", "3.0×"}},
		{[]float64{10e9, 70e9, 20e9, 60e9}, "abaa", []string{"", "3.0×"}},
		{[]float64{10e9, 11e9, 12e9, 24e9, 24e9, 24e9, 24e9, 24e9, 24e9, 24e9, 24e9, 24e9, 24e9, 72e9}, "aaaaaaaaaaaaaa", // the second and the third are left out
			[]string{"", "~", "~", "~", "~", "~", "~", "~", "~", "~", "3.0×"}},
	} {
		s, v := storyOf(t, sessionOf(tt.rates, tt.machines)), &view{words: map[string]int{}, roofs: map[string]int{}}
		for i, m := range plots.Marks(s.current) {
			v.Points = append(v.Points, v.pointOf(s.current.Ceilings, s.current.Runs[i], m, i))
		}
		s.past(v)
		if len(v.Arrows) != len(tt.want) {
			t.Fatalf("%d arrows, want %d", len(v.Arrows), len(tt.want))
		}
		for i, a := range v.Arrows {
			if tt.want[i] != "~" && a.Text != tt.want[i] {
				t.Errorf("%s: arrow %d: %q, want %q", tt.machines, i, a.Text, tt.want[i])
			}
		}
	}
}

// Where there are too many kernels for sections of their own, those that the reader is sent to have one.
func TestSectionsOfTheFarthest(t *testing.T) {
	res := crowd(300)
	s, marks := storyOf(t, Input{Entries: []Entry{entry("result", res)}}), plots.Marks(res)
	sections := map[int]bool{}
	farthest := 0.0
	list, left := details(s, marks)
	for _, d := range list {
		sections[d.Run] = true
		farthest = max(farthest, res.Runs[d.Run].Bound.Fraction)
	}
	if len(list) != detailed || left != len(res.Runs)-detailed {
		t.Errorf("%d sections, %d left", len(list), left)
	}
	for i, r := range res.Runs {
		if !sections[i] && r.Bound.Fraction < farthest {
			t.Errorf("run %d, at %g of its roof, has no section", i, r.Bound.Fraction)
		}
	}
	rows, _ := glance(s, marks)
	for _, g := range rows {
		if !g.Detail || !sections[g.Run] {
			t.Errorf("run %d of the first table has no section", g.Run)
		}
	}
	all, _ := table(s, marks)
	for _, r := range all {
		if r.Detail != sections[r.Run] {
			t.Errorf("run %d: the table links it: %t, it has a section: %t", r.Run, r.Detail, sections[r.Run])
		}
	}
}
