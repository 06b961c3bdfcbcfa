package known

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
)

// small are the caches of a small machine: buffers of 16 KiB, 256 KiB, 4 MiB and 64 MiB.
var small = []cache.Level{
	{Level: 1, Type: "data", Bytes: 32 << 10, Line: 64, Shared: "0"},
	{Level: 2, Type: "unified", Bytes: 512 << 10, Line: 64, Shared: "0"},
	{Level: 3, Type: "unified", Bytes: 16 << 20, Line: 64, Shared: "0"},
}

func openSmall(t *testing.T, o Options) *Set {
	t.Helper()
	if len(computes) == 0 {
		t.Skip("no kernels for this architecture")
	}
	cpus, err := cpu.Affinity()
	if err != nil {
		t.Fatal(err)
	}
	o.Caches, o.CPU = small, cpus[0]
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestKernelsOfASet(t *testing.T) {
	s := openSmall(t, Options{})
	seen := map[string]bool{}
	for _, k := range s.Kernels() {
		if seen[k.Name] || k.Name == "" || k.About == "" {
			t.Errorf("%q stands twice or says nothing about itself: %q", k.Name, k.About)
		}
		seen[k.Name] = true
		if err := k.OnEach(func(w int) error { k.Part(w); k.Part(w); return nil }); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
		for q, e := range k.Expected() {
			if !(e.Lo >= 0 && e.Lo <= e.Hi && e.Scale > 0 && e.Scale >= e.Hi) || math.IsInf(e.Scale, 0) {
				t.Errorf("%s: expects %+v of %s", k.Name, e, q)
			}
		}
		if strings.HasPrefix(k.Name, "chase") || k.Flushes {
			continue // they are for misses and lines
		}
		// A call must be so long that some 60 instructions of Go around it are less than 0.05 %.
		if n := k.Work().Instructions; n < 100_000 && k.Home != memory && k.Width != perf.Tile {
			t.Errorf("%s executes only %g instructions per call", k.Name, n)
		}
	}
	for _, name := range []string{"int", "chain", "load.16.L1", "update.16.L2", "store.16.L3", "update.16.DRAM", "chase.L2", "chase.L3"} {
		if !seen[name] {
			t.Errorf("no kernel %s", name)
		}
	}
	for _, l := range s.LeftOut() {
		if l.Why == "" {
			t.Errorf("%s is left out for no reason", l.Name)
		}
	}
}

// TestTrafficExpectations checks what the kernels of a level of 256 KiB, 4 MiB and 64 MiB must move, from the definitions.
func TestTrafficExpectations(t *testing.T) {
	s := openSmall(t, Options{})
	expect := func(name string, q perf.Quantity) Expect {
		for _, k := range s.Kernels() {
			if k.Name == name {
				e, ok := k.Expected()[q]
				if !ok {
					t.Errorf("%s expects nothing of %s", name, q)
				}
				return e
			}
		}
		t.Errorf("no kernel %s", name)
		return Expect{}
	}
	const mib = 1 << 20
	for _, c := range []struct {
		kernel string
		q      perf.Quantity
		lo, hi float64
	}{
		{"load.16.L1", perf.BytesL2, 0, 0},
		{"update.16.L2", perf.BytesL3, 0, 0},
		{"load.16.L3", perf.BytesL2, 4 * mib, 4 * mib},
		{"load.16.L3", perf.BytesL3, 4 * mib, 8 * mib},
		{"store.16.L3", perf.BytesL3, 8 * mib, 8 * mib},
		{"update.16.L3", perf.BytesL3, 8 * mib, 8 * mib},
		{"load.16.DRAM", perf.BytesDRAM, 0.75 * mib, mib},
		{"update.16.DRAM", perf.BytesDRAM, 1.5 * mib, 2 * mib},
		{"update.16.DRAM", perf.BytesDRAMWrite, 0.75 * mib, mib},
		{"store.16.DRAM", perf.BytesDRAM, 0.75 * mib, 2 * mib},
	} {
		if e := expect(c.kernel, c.q); e.Lo != c.lo || e.Hi != c.hi {
			t.Errorf("%s must move %g to %g as %s, expects %g to %g", c.kernel, c.lo, c.hi, c.q, e.Lo, e.Hi)
		}
	}
	if len(flushes) > 0 {
		for q, v := range map[perf.Quantity]float64{perf.BytesDRAM: 2 * mib, perf.BytesDRAMRead: mib, perf.BytesDRAMWrite: mib} {
			if e := expect("flush.update", q); e.Lo != v || e.Hi != v {
				t.Errorf("flush.update must move exactly %g as %s, expects %+v", v, q, e)
			}
		}
	}
}

func TestQuickSetIsSmall(t *testing.T) {
	s := openSmall(t, Options{Quick: true})
	covered := map[perf.Quantity]bool{}
	for _, k := range s.Kernels() {
		for q, e := range k.Expected() {
			if e.Lo > 0 {
				covered[q] = true
			}
		}
		if !k.Quick {
			t.Errorf("%s is not quick", k.Name)
		}
	}
	for _, q := range []perf.Quantity{perf.Instructions, perf.Cycles, perf.BytesL2, perf.BytesL3, perf.MissesL1, perf.MissesL2} {
		if !covered[q] {
			t.Errorf("nothing quick verifies %s", q)
		}
	}
	if n := len(s.Kernels()); n > 16 {
		t.Errorf("%d quick kernels: too many for a second or two", n)
	}
}

func TestHomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		caches []cache.Level
		most   int64
		want   []home
		lacks  string
	}{
		{"usual", small, 1 << 30, []home{{"L1", 16 << 10, 0}, {"L2", 256 << 10, 32 << 10}, {"L3", 4 << 20, 512 << 10}, {"DRAM", 64 << 20, 16 << 20}}, ""},
		{"L2 of four times", []cache.Level{{Level: 1, Bytes: 64 << 10}, {Level: 2, Bytes: 512 << 10}}, 1 << 30,
			[]home{{"L1", 32 << 10, 0}, {"L2", 256 << 10, 64 << 10}, {"DRAM", 2 << 20, 512 << 10}}, ""},
		{"L3 hardly larger than L2", []cache.Level{{Level: 1, Bytes: 32 << 10}, {Level: 2, Bytes: 1 << 20}, {Level: 3, Bytes: 2 << 20}}, 1 << 30,
			[]home{{"L1", 16 << 10, 0}, {"L2", 256 << 10, 32 << 10}, {"DRAM", 8 << 20, 2 << 20}}, "L3"},
		{"large cache, small memory", small, 32 << 20, []home{{"L1", 16 << 10, 0}, {"L2", 256 << 10, 32 << 10}, {"L3", 4 << 20, 512 << 10}}, "DRAM"},
		{"measured L3", []cache.Level{{Level: 1, Bytes: 32 << 10}, {Level: 2, Bytes: 512 << 10}, {Level: 3, Bytes: 16 << 20, Source: cache.Measured}}, 1 << 30,
			[]home{{"L1", 16 << 10, 0}, {"L2", 256 << 10, 32 << 10}, {"DRAM", 64 << 20, 16 << 20}}, "L3"},
		{"no caches known", nil, 1 << 30, nil, "DRAM"},
	} {
		got, why := homes(c.caches, c.most)
		if !slices.Equal(got, c.want) || (c.lacks != "") != (len(why) == 1) || c.lacks != "" && why[c.lacks] == "" {
			t.Errorf("%s: %+v, lacks %v; want %+v, lacks %q", c.name, got, why, c.want, c.lacks)
		}
	}
}

func TestExpectError(t *testing.T) {
	for _, c := range []struct {
		e       Expect
		counted float64
		want    float64
	}{
		{exactly(200), 100, -0.5}, {exactly(200), 200, 0}, {near(0, 100), 5, 0.05}, {near(0, 100), 0, 0},
		{between(100, 200), 150, 0}, {between(100, 200), 50, -0.25}, {between(100, 200), 300, 0.5},
	} {
		if got := c.e.Error(c.counted); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v, counted %g: error %g, want %g", c.e, c.counted, got, c.want)
		}
	}
}
