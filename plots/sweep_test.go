package plots

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/roofline"
)

// sweptResult is a measured one: roofline ceilings --quick on a virtual machine with two AMD Zen 4 CPUs that others used, too.
func sweptResult(t testing.TB) *roofline.Result {
	t.Helper()
	data, err := os.ReadFile("testdata/ceilings-zen4.json")
	if err != nil {
		t.Fatal(err)
	}
	res := &roofline.Result{}
	if err := json.Unmarshal(data, res); err != nil {
		t.Fatal(err)
	}
	return res
}

func allTexts(t testing.TB, c *Chart) string {
	t.Helper()
	var list []string
	for _, b := range c.TextBoxes() {
		list = append(list, b.Text)
	}
	return strings.Join(list, "\n")
}

func TestSweep(t *testing.T) {
	res := sweptResult(t)
	c, err := Sweep(res)
	if err != nil {
		t.Fatal(err)
	}
	checkBoxes(t, c)
	all := allTexts(t, c)
	for _, want := range []string{"AMD EPYC", "L2 1 MiB", "L1  193 GB/s", "found from 4 MiB to 8 MiB", "found at 128 MiB only", "32 KiB", "100 GB/s"} {
		if !strings.Contains(all, want) {
			t.Errorf("the chart does not say %q in\n%s", want, all)
		}
	}
}

func TestLatency(t *testing.T) {
	c, err := Latency(sweptResult(t))
	if err != nil {
		t.Fatal(err)
	}
	checkBoxes(t, c)
	all := allTexts(t, c)
	for _, want := range []string{"huge pages", "base pages", "L1  1.13 ns = 4 cycles", "L3 32 MiB", "10 ns"} {
		if !strings.Contains(all, want) {
			t.Errorf("the chart does not say %q in\n%s", want, all)
		}
	}
}

// The curve on the chart is the curve of the data: faster is higher, a larger working set further right.
func TestSweepIsTrue(t *testing.T) {
	res := sweptResult(t)
	c := curveOf(res, func(l roofline.Ceiling) bool { return strings.HasPrefix(l.ID, "bandwidth.load.") })
	s := newSweepBoard(res, "", "", []curve{c}, siLabel)
	for i, p := range c.points {
		at := s.at(p)
		if at.X <= s.left || at.X >= s.right || at.Y <= s.top || at.Y >= s.bottom {
			t.Errorf("%v is drawn outside: %v", p, at)
		}
		if i == 0 {
			continue
		}
		before, was := s.at(c.points[i-1]), c.points[i-1]
		if at.X <= before.X || (at.Y < before.Y) != (p.Value > was.Value) {
			t.Errorf("%v then %v is drawn from %v to %v", was, p, before, at)
		}
	}
}

func TestSweepNeedsOne(t *testing.T) {
	for _, draw := range []func(*roofline.Result) (*Chart, error){Sweep, Latency} {
		if _, err := draw(smallCore()); !errors.Is(err, ErrNoSweep) {
			t.Errorf("without a sweep: %v", err)
		}
		if _, err := draw(nil); err == nil {
			t.Error("no error without a result")
		}
	}
}

// randomSweep has levels of any speed, sizes and number of points.
func randomSweep(seed uint64) *roofline.Result {
	rnd := rand.New(rand.NewPCG(seed, 3))
	res := smallCore()
	res.Machine.Caches = nil
	size, rate := int64(4096), pow10(8+4*rnd.Float64())
	for i, level := range roofline.Levels[:1+rnd.IntN(4)] {
		for _, kind := range []string{"bandwidth.load." + level, "latency." + level, "latency." + level + ".4k"} {
			sweep, at := &roofline.Sweep{}, size
			for range 1 + rnd.IntN(12) {
				v := rate * (1 + 0.1*rnd.Float64())
				if strings.HasPrefix(kind, "latency") {
					v = 100 / v
				}
				sweep.Points = append(sweep.Points, roofline.SweepPoint{Bytes: at, Value: v})
				at = at*3/2 + 1
			}
			if rnd.IntN(3) > 0 {
				sweep.Lo, sweep.Hi = sweep.Points[0].Bytes, sweep.Points[len(sweep.Points)-1].Bytes
			}
			res.Ceilings = append(res.Ceilings, roofline.Ceiling{ID: kind, Kind: kind[:strings.IndexByte(kind, '.')], Level: level, Threads: 2,
				Value: estimate(sweep.Points[0].Value*(0.9+0.2*rnd.Float64()), 0.05), Sweep: sweep})
		}
		res.Machine.Caches = append(res.Machine.Caches, cache.Level{Level: i + 1, Type: "unified", Bytes: size * 100})
		size, rate = size*int64(20+rnd.IntN(200)), rate*(0.2+0.8*rnd.Float64())
	}
	return res
}

func TestSweepTextsNeverOverlap(t *testing.T) {
	for seed := range uint64(40) {
		res := randomSweep(seed)
		for _, draw := range []func(*roofline.Result) (*Chart, error){Sweep, Latency} {
			c, err := draw(res)
			if err != nil {
				t.Fatal(seed, err)
			}
			checkBoxes(t, c)
		}
	}
}
