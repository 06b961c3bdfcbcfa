package compare

import (
	"encoding/json"
	"os"
	"testing"
)

// recorded are times of pairs of processes of the same code, as a machine gave them.
type recorded struct {
	Load      string
	Base, New []float64
}

func load(t *testing.T, path string) (r recorded) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil || len(r.Base) != len(r.New) {
		t.Fatalf("%s: %d and %d times, %v", path, len(r.Base), len(r.New), err)
	}
	return r
}

// slowed is a window of the pairs in which the new side takes exactly so much longer.
func (r recorded) slowed(from, n int, by float64) Pair {
	p := Pair{Base: Side{Label: "base", Times: r.Base[from : from+n]}, New: Side{Label: "new"}}
	for _, v := range r.New[from : from+n] {
		p.New.Times = append(p.New.Times, v*(1+by))
	}
	return p
}

// A change of exactly 2 % of recorded times is found under a threshold of 1 % by 40 pairs and more, and nothing where nothing
// was changed. The times are those that a busy machine gives, without the waiting; those of a quiet one differ less.
func TestRecordedTimes(t *testing.T) {
	r := load(t, "testdata/aa-busy.json")
	g := DefaultGate
	g.Time = 0.01
	for _, n := range []int{20, 40, 60, 120} {
		windows, found, alarms := 0, 0, 0
		for from := 0; from+n <= len(r.Base); from += 2 {
			windows++
			if ruling, _ := g.Rule(Compare([]Pair{r.slowed(from, n, 0.02)}, 0.005)); ruling == Regressed {
				found++
			}
			if ruling, _ := g.Rule(Compare([]Pair{r.slowed(from, n, 0)}, 0.005)); ruling == Regressed {
				alarms++
			}
		}
		if alarms > 0 || n >= 40 && 10*found < 9*windows {
			t.Errorf("%d pairs: found the change in %d of %d windows, %d false alarms", n, found, windows, alarms)
		}
	}
}
