package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

// TestAgainstCachegrind is the short form of scripts/check-cachegrind: every program, small.
func TestAgainstCachegrind(t *testing.T) {
	testkit.SkipUnsupported(t, needed())
	programs, err := programNames()
	if err != nil || len(programs) < 8 {
		t.Fatal(programs, err)
	}
	if testing.Short() {
		programs = []string{"matmul", "random"}
	}
	dir := t.TempDir()
	for _, p := range programs {
		results, err := check(t.Context(), dir, p, 32)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if !r.agrees() || r.theirs < 500 {
				t.Errorf("%s, %s, %s: %d, cachegrind %d", p, r.geometry, r.what, r.ours, r.theirs)
			}
		}
	}
}

func TestAgreement(t *testing.T) {
	if !(result{}).agrees() || (result{ours: 1}).agrees() {
		t.Error("no miss at all agrees with no miss, and with nothing else")
	}
	for ours, want := range map[uint64]bool{979: false, 981: true, 1000: true, 1019: true, 1021: false} {
		if got := (result{ours: ours, theirs: 1000}).agrees(); got != want {
			t.Errorf("%d of 1000: %v", ours, got)
		}
	}
}

// A trace that is not understood is an error, however much of it follows.
func TestEndlessNonsense(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "valgrind"), []byte("#!/bin/sh\nexec yes nonsense >&3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	if _, err := simulate(t.Context(), dir, "/bin/true", 1); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("%v, want one that names the line", err)
	}
}

func TestParseSummary(t *testing.T) {
	const text = "desc: x\nevents: Ir I1mr ILmr Dr D1mr DLmr Dw D1mw DLmw\nfl=a\n1 2 3\nsummary: 900 9 8 70 7 6 50 5 4\n"
	got, err := parseSummary([]byte(text))
	if want := (counts{120, 12, 10}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, bad := range []string{"", "events: Dr\n", "events: Dr\nsummary: x\n", "events: Dr Dw\nsummary: 1\n"} {
		if _, err := parseSummary([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestParseTrace(t *testing.T) {
	const text = "==12== Lackey\nI  04001000,3\n L 1ffeffe7e,8\n S 10,4\n M 20,64\n==12== \n"
	var got []string
	err := parseTrace(strings.NewReader(text), func(kind byte, addr uint64, size int) {
		if kind == 'L' && (addr != 0x1ffeffe7e || size != 8) {
			t.Errorf("load of %d at %#x", size, addr)
		}
		got = append(got, string(kind))
	})
	if err != nil || strings.Join(got, "") != "ILSM" {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzParseTrace(f *testing.F) {
	for _, s := range []string{"I  04001000,3\n L 1ffeffe7e,8", "==1== x\n M 20,64", " L 10\n", " X 10,1", " L ffffffffffffffff,65535"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := newMachine(geometries[1])
		if err != nil {
			t.Fatal(err)
		}
		n := uint64(0)
		if parseTrace(strings.NewReader(text), func(kind byte, addr uint64, size int) {
			if kind != 'I' {
				n++
			}
			m.access(kind, addr, size)
		}) == nil && m.counts().references != n {
			t.Errorf("%d references of %d", m.counts().references, n)
		}
	})
}
