package roofline

import (
	"strings"
	"testing"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/perf"
)

func TestCompulsory(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	caches := []cache.Level{
		{Level: 1, Type: "data", Bytes: 32 * kib, Shared: "0,4"},
		{Level: 2, Type: "unified", Bytes: 1 * mib, Shared: "0,4"},
		{Level: 3, Type: "unified", Bytes: 32 * mib, Shared: "0-7"},
	}
	noL3 := caches[:2]
	for _, c := range []struct {
		workingSet int64
		threads    int
		caches     []cache.Level
		served     string
		reason     string // of the first absent level
	}{
		{32 * kib, 1, caches, "L1", "fits in L1"},
		{32*kib + 1, 1, caches, "L1 L2", "fits in L2"},
		{48 * kib, 2, caches, "L1", "fits in L1"}, // 24 KiB for each of two cores
		{3 * mib, 1, caches, "L1 L2 L3", "fits in L3"},
		{3 * mib, 4, caches, "L1 L2", "fits in L2"},
		{33 * mib, 8, caches, "L1 L2 L3 DRAM", ""}, // one shared L3
		{33 * mib, 9, caches, "L1 L2 L3", "fits in L3"},
		{3 * mib, 1, noL3, "L1 L2 DRAM", "reports no L3"},
		{3 * mib, 1, nil, "DRAM", "reports no L1"},
	} {
		served, absent := Compulsory(100, c.workingSet, c.caches, c.threads)
		var levels, reasons []string
		for _, l := range Levels {
			if v, ok := served[Bytes(l)]; ok {
				if v != 100 {
					t.Errorf("%s serves %g bytes, want all 100", l, v)
				}
				levels = append(levels, l)
			} else if reason := absent[Bytes(l)]; reason != "" {
				reasons = append(reasons, reason)
			}
		}
		if got := strings.Join(levels, " "); got != c.served {
			t.Errorf("%d bytes, %d threads: served by %s, want %s", c.workingSet, c.threads, got, c.served)
		}
		if len(served)+len(reasons) != len(Levels) {
			t.Errorf("%d bytes, %d threads: a level is neither served nor absent with a reason", c.workingSet, c.threads)
		}
		if c.reason != "" && (len(reasons) == 0 || !strings.Contains(reasons[0], c.reason)) {
			t.Errorf("%d bytes, %d threads: reasons %q, want %q", c.workingSet, c.threads, reasons, c.reason)
		}
	}
}

func TestLevelsAreQuantities(t *testing.T) {
	for i, q := range []perf.Quantity{perf.BytesL1, perf.BytesL2, perf.BytesL3, perf.BytesDRAM} {
		if Bytes(Levels[i]) != q {
			t.Errorf("Bytes(%s) is %s, want %s", Levels[i], Bytes(Levels[i]), q)
		}
	}
}
