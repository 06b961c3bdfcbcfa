package plots

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
)

// Of many things those near a place are found, each once, and few others are looked at.
func TestBuckets(t *testing.T) {
	const n = 4000
	r := rand.New(rand.NewPCG(1, 2))
	random := func(most float64) box {
		x, y := Width*(1.2*r.Float64()-0.1), Height*(1.2*r.Float64()-0.1) // beyond the edges, too
		return box{x, y, x + most*r.Float64(), y + most*r.Float64()}
	}
	var s buckets[int]
	all := make([]box, n)
	for i := range all {
		all[i] = random(60)
		s.add(all[i], i)
	}
	meet := func(a, b box) bool { return a.x0 <= b.x1 && b.x0 <= a.x1 && a.y0 <= b.y1 && b.y0 <= a.y1 }
	seen := 0
	for range 500 {
		b := random(30)
		times := map[int]int{}
		for i := range s.near(b) {
			times[*i]++
			seen++
		}
		for i := range all {
			if times[i] > 1 || meet(all[i], b) && times[i] == 0 {
				t.Fatalf("%v was met %d times by %v", all[i], times[i], b)
			}
		}
	}
	if seen > 500*n/50 {
		t.Errorf("%d of %d things were looked at in the mean", seen/500, n)
	}
	nan := math.NaN()
	s.add(box{nan, nan, nan, nan}, n)
	for range s.near(box{nan, 0, nan, math.Inf(1)}) { // ends
	}
}

// Thousands of runs are drawn: each has its marker, what has no room has no label, and no label stands on another.
func TestThousandsOfRuns(t *testing.T) {
	const n = 3000
	for name, res := range map[string]*roofline.Result{"spread": randomResult(2, n, false), "in one place": randomResult(3, n, true)} {
		t.Run(name, func(t *testing.T) {
			c := mustChart(t, res)
			checkBoxes(t, c)
			if s := texts(c); !strings.Contains(s, "Of 3000 points those have a label that have room for it") {
				t.Errorf("the chart does not say that labels are missing:\n%s", s)
			}
			var svg bytes.Buffer
			if err := c.WriteSVG(&svg); err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(svg.String(), " data-run="); got < n {
				t.Errorf("%d of %d runs are drawn", got, n)
			}
			var table bytes.Buffer
			if err := Table(&table, res, TableOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(table.String(), "\n"); got < n {
				t.Errorf("the table of %d runs has %d lines", n, got)
			}
		})
	}
}
