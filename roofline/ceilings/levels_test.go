package ceilings

import (
	"strings"
	"testing"

	"github.com/roofline-go/roofline/cache"
)

func TestWorkingSets(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	for _, c := range []struct {
		name   string
		window cache.Window
		seen   cache.Plateau
		lo, hi int64
		n      int
	}{
		{"inside the plateau", cache.Window{Level: "L2", Lo: 128 * kib, Hi: 768 * kib}, cache.Plateau{Lo: 192 * kib, Hi: 512 * kib}, 192 * kib, 512 * kib, 3},
		{"a team's share below the plateau", cache.Window{Level: "L3", Lo: mib, Hi: 3 * mib}, cache.Plateau{Lo: 4 * mib, Hi: 24 * mib}, mib, 3 * mib, 3},
		{"nothing seen", cache.Window{Level: "L2", Lo: 128 * kib, Hi: 256 * kib}, cache.Plateau{}, 128 * kib, 256 * kib, 3},
		{"no more than 8 times the smallest", cache.Window{Level: "L3", Lo: 8 * mib, Hi: 360 * mib}, cache.Plateau{Lo: 8 * mib, Hi: 360 * mib}, 8 * mib, 64 * mib, 3},
		{"one size", cache.Window{Level: "L1", Lo: 12 * kib, Hi: 12 * kib}, cache.Plateau{Lo: 12 * kib, Hi: 12 * kib}, 12 * kib, 12 * kib, 1},
		{"memory: the largest", cache.Window{Level: "DRAM", Lo: 128 * mib, Hi: 256 * mib}, cache.Plateau{Lo: 128 * mib, Hi: 200 * mib}, 256 * mib, 256 * mib, 1},
		{"empty", cache.Window{Level: "L3", Lo: 2, Hi: 1}, cache.Plateau{}, 0, 0, 0},
	} {
		got := workingSets(c.window, c.seen)
		if len(got) != c.n {
			t.Errorf("%s: %v, want %d sizes", c.name, got, c.n)
		}
		for _, size := range got {
			if size < c.lo-3072 || size > c.hi {
				t.Errorf("%s: %d is outside %d–%d", c.name, size, c.lo, c.hi)
			}
		}
	}
}

// TestJudge: every way in which a level is not what it should be has its warning, and a sound level none.
func TestJudge(t *testing.T) {
	sound := cache.Window{Level: "L3", Lo: 4 << 20, Hi: 24 << 20}
	for _, c := range []struct {
		name      string
		window    cache.Window
		plateau   cache.Plateau
		innermost bool
		want      string
	}{
		{"sound", sound, cache.Plateau{Lo: 4 << 20, Hi: 20 << 20, Reach: 20 << 20, Rate: 9e10, Points: 9, Distinct: true}, false, ""},
		{"the first level has none before it", sound, cache.Plateau{Lo: 4 << 20, Hi: 20 << 20, Reach: 20 << 20, Rate: 9e10, Points: 9}, true, ""},
		{"as fast as the level before", sound, cache.Plateau{Lo: 4 << 20, Hi: 20 << 20, Reach: 20 << 20, Rate: 9e10, Points: 9}, false, "cannot be told apart"},
		{"no working set", cache.Window{Level: "DRAM", Lo: 2, Hi: 1, Why: "too little memory"}, cache.Plateau{}, false, "too little memory"},
		{"no point", sound, cache.Plateau{}, false, "was not found"},
		{"a small share", sound, cache.Plateau{Lo: 4 << 20, Hi: 8 << 20, Reach: 8 << 20, Rate: 9e10, Points: 4, Distinct: true}, false, "up to 8 MiB only"},
		{"faster beyond the plateau", sound, cache.Plateau{Lo: 4 << 20, Hi: 8 << 20, Reach: 20 << 20, Rate: 9e10, Points: 4, Distinct: true}, false, ""},
	} {
		s := &session{}
		s.judge(c.window, c.plateau, c.innermost)
		if c.want == "" && len(s.warnings) > 0 || c.want != "" && (len(s.warnings) != 1 || !strings.Contains(s.warnings[0].Text, c.want)) {
			t.Errorf("%s: %v, want %q", c.name, s.warnings, c.want)
		}
	}
}

func TestLevelOf(t *testing.T) {
	windows := []cache.Window{{Level: "L1", Lo: 4, Hi: 24}, {Level: "L2", Lo: 128, Hi: 700}, {Level: "L3", Lo: 2, Hi: 1}, {Level: "DRAM", Lo: 4000, Hi: 9000}}
	for bytes, want := range map[int64]string{4: "L1", 24: "L1", 25: "L2", 700: "L2", 701: "DRAM", 9000: "DRAM", 9001: "DRAM"} {
		if got := levelOf(windows, bytes); got != want {
			t.Errorf("%d bytes belong to %s, want %s", bytes, got, want)
		}
	}
}

// Where there are huge pages the TLB is not blamed, and where there are none no neighbour is.
func TestWhyShort(t *testing.T) {
	for thp, want := range map[string]string{"always": "another guest", "madvise": "another guest", "never": "TLB", "": "TLB"} {
		if got := whyShort(thp); !strings.Contains(got, want) {
			t.Errorf("%q: %s", thp, got)
		}
	}
}
