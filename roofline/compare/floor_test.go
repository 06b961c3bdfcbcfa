package compare

import (
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/cachedir"
)

func TestFloorStore(t *testing.T) {
	t.Setenv(cachedir.Env, t.TempDir())
	if _, ok, err := LoadFloor("m", OfKernels); ok || err != nil {
		t.Errorf("an empty store: %t, %v", ok, err)
	}
	want := Floor{Values: []FloorValue{{10, 0.02, 51}, {20, 0.01, 41}}, Time: "2026-01-02T03:04:05Z", What: "triad"}
	for _, kind := range []Kind{OfKernels, OfCommands} {
		if err := SaveFloor("m", kind, want); err != nil {
			t.Fatal(err)
		}
	}
	if got, ok, err := LoadFloor("m", OfKernels); !ok || err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %t, %v", got, ok, err)
	}
	// A floor of few pairs, as a former version stored it, is none.
	few := Floor{Values: []FloorValue{{2, 0.93, 3}}, What: "true"}
	if err := SaveFloor("m", OfCommands, few); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := LoadFloor("m", OfCommands); ok || err != nil || got.Of(300) != 0 {
		t.Errorf("a floor of 2 pairs: %+v, %t, %v", got, ok, err)
	}
	path, _ := cachedir.File("floors", "m")
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadFloor("m", OfKernels); err == nil {
		t.Error("a damaged file was read")
	}
	if err := SaveFloor("m", OfKernels, want); err != nil {
		t.Errorf("a damaged file must be replaced: %v", err)
	}
}

func TestFloorOf(t *testing.T) {
	// The speed-up of every pair is 1 but of the last two, 1.1: of windows of 3 pairs only the last has 1.1 as its median.
	aa := Pair{Base: Side{Times: []float64{1, 1, 1, 1, 1, 1, 1.1, 1.1}}, New: Side{Times: []float64{1, 1, 1, 1, 1, 1, 1, 1}}}
	if f := FloorOf(aa, 3); len(f.Values) != 1 || math.Abs(f.Values[0].Value-0.1) > 1e-12 || f.Values[0].Comparisons != 6 {
		t.Errorf("%+v, want 0.1 of 6", f)
	}
	// Of 2 pairs the last window has 1.1, of 4 pairs the mean of 1 and 1.1 as its median.
	if f := FloorOf(aa, 2); len(f.Values) != 2 || math.Abs(f.Of(2)-0.1) > 1e-12 || math.Abs(f.Of(7)-0.05) > 1e-12 || f.Of(1) != f.Of(2) {
		t.Errorf("%+v", f)
	}
	if f := FloorOf(aa, 6); len(f.Values) != 1 || f.Values[0].Pairs != 4 {
		t.Errorf("too few pairs for windows of 6: %+v", f)
	}
	if f := FloorOf(Pair{}, 6); len(f.Values) != 0 || f.Of(10) != 0 {
		t.Errorf("no pairs: %+v", f)
	}
}

// Who is told "no difference" because of the floor is told whose floor it is.
func TestFloorSaysWhoseItIs(t *testing.T) {
	floor := Floor{Values: []FloorValue{{10, 0.2, 21}}, What: "ls -l", Time: "2026-01-02T03:04:05Z"}
	for _, c := range []struct {
		factor float64
		want   bool
	}{{1.05, true}, {1, false}, {1.5, false}} {
		r := Compare([]Pair{pair(c.factor, 0.002, 20, 1)}, floor.Of(20))
		note := floor.Note(r)
		if got := strings.Contains(note, "ls -l on 2026-01-02;"); got != c.want {
			t.Errorf("a time of %g × against a floor of 20 %%, %s: note %q", c.factor, r.Comparisons[0].Verdict.Text, note)
		}
	}
}

// More pairs are held against the noise floor of as many, while they are taken and in the end.
func TestFloorOfThePairsTaken(t *testing.T) {
	floor := Floor{Values: []FloorValue{{Pairs: 10, Value: 0.05}, {Pairs: 40, Value: 0.004}}}
	p := take(t, UntilKnown(floor, 1, time.Hour), 1.02, 0.1, 5)
	if n := len(p.New.Times); n < 40 {
		t.Fatalf("%d pairs", n)
	}
	if c := only(t, p, floor.Of(len(p.New.Times))); c.Verdict.Outcome == Inconclusive || c.Floor != 0.004 {
		t.Errorf("%+v", c.Verdict)
	}
	// a difference of 2 % that only the floor of 10 pairs hides
	p = take(t, UntilKnown(floor, 1, time.Hour), 1.02, 0.004, 5)
	if c := only(t, p, floor.Of(len(p.New.Times))); len(p.New.Times) != 40 || c.Verdict.Outcome != Slower {
		t.Errorf("%d pairs: %+v", len(p.New.Times), c.Verdict)
	}
	if v := Fixed(0.02).Of(1000); v != 0.02 {
		t.Errorf("fixed: %g", v)
	}
}
