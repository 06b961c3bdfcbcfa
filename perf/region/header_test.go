package region

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf/region/board"
)

// compile builds a program of C or C++ sources with the header, with all warnings being errors.
func compile(t *testing.T, compiler string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(compiler); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool(compiler))
	}
	out := filepath.Join(t.TempDir(), "program")
	args = append([]string{"-I", ".", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", out}, args...)
	if text, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", compiler, strings.Join(args, " "), err, text)
	}
	return out
}

// runCase runs the program of hard cases with one of them, and returns what it left on the board.
func runCase(t *testing.T, program, name string) board.Snapshot {
	t.Helper()
	b, err := board.Create(events)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	cmd := exec.Command(program, name)
	cmd.Env = []string{b.Environ()}
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil && !strings.HasPrefix(name, "killed") {
		t.Fatalf("%s: %v", name, err)
	}
	s := b.Read()
	if s.Damaged > 0 || s.Lost > 0 {
		t.Errorf("%s: %d slots damaged, %d lost", name, s.Damaged, s.Lost)
	}
	return s
}

func TestHeaderCompiles(t *testing.T) {
	source := filepath.Join(t.TempDir(), "a.c")
	text := "#include \"roofline.h\"\nint main(void) { roofline_start(\"a\"); roofline_end(\"a\"); return roofline_active(); }\n"
	cpp := filepath.Join(t.TempDir(), "a.cc")
	texx := "#include \"roofline.h\"\nint main() { { roofline::region r(\"a\"); } return roofline_active(); }\n"
	for file, content := range map[string]string{source: text, cpp: texx} {
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range [][]string{
		{"gcc", "-std=c89", "-pedantic", source}, {"gcc", "-std=gnu89", "-O3", source}, {"gcc", "-std=c11", "-O2", "-pedantic", source},
		{"g++", "-std=c++98", "-O2", cpp}, {"g++", "-std=c++20", "-pedantic", cpp}, {"clang", "-std=c99", "-O2", source},
	} {
		t.Run(strings.Join(tt[:2], " "), func(t *testing.T) {
			program := compile(t, tt[0], tt[1:]...)
			cmd := exec.Command(program)
			cmd.Env = []string{}
			if err := cmd.Run(); err != nil {
				t.Errorf("outside roofline regions are active: %v", err)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	program := compile(t, "gcc", "-O2", "testdata/cases.c", "testdata/cases_other.c")
	slots := func(s board.Snapshot, name string) (all []board.Slot) {
		for _, slot := range s.Slots {
			if slot.Name == name {
				all = append(all, slot)
			}
		}
		return all
	}
	near := func(t *testing.T, what string, got, want uint64) {
		t.Helper()
		if got < want || got > want+want/10+30 {
			t.Errorf("%s: %d, want %d and a few", what, got, want)
		}
	}
	nested := func(t *testing.T, s board.Snapshot) {
		m := byName(s)
		outer, inner := m["outer"], m["inner"]
		if outer.Calls != 1 || inner.Calls != 3 || m["other source"].Calls != 1 || s.Misused != 0 {
			t.Fatalf("%+v", s)
		}
		near(t, "inner by usage", inner.Total.MinorFaults, 3000)
		near(t, "outer by usage", outer.Total.MinorFaults, 3100)
		near(t, "outer self by usage", outer.Self.MinorFaults, 100)
		if outer.Self.Time+inner.Total.Time+m["other source"].Total.Time != outer.Total.Time {
			t.Error("the selfs do not add up")
		}
		if inner.Opened != 3 {
			t.Skipf("perf events are not permitted: errno %d", inner.Errno)
		}
		near(t, "inner by event", inner.Total.Groups[0].Values[0], 3000)
		near(t, "outer self by event", outer.Self.Groups[0].Values[0], 100)
		if inner.Total.Groups[1].Values[0] == 0 {
			t.Error("no CPU time")
		}
	}
	tests := map[string]func(t *testing.T, s board.Snapshot){
		"nested": nested,
		"recursion": func(t *testing.T, s board.Snapshot) {
			f := byName(s)["f"]
			if f.Calls != 10 || f.Self.Time != f.Total.Time {
				t.Errorf("%+v", f)
			}
			near(t, "faults", f.Total.MinorFaults, 500)
		},
		"threads": func(t *testing.T, s board.Snapshot) {
			var faults uint64
			for _, w := range slots(s, "worker") {
				faults += w.Total.MinorFaults
			}
			near(t, "faults", faults, 10000)
		},
		"one after the other": func(t *testing.T, s board.Snapshot) {
			w := slots(s, "worker")
			if len(w) != 1 || w[0].Threads != 4 || w[0].Calls != 4 {
				t.Fatalf("%+v", w)
			}
			near(t, "faults", w[0].Total.MinorFaults, 10000)
		},
		"churn": func(t *testing.T, s board.Snapshot) {
			if w := slots(s, "worker"); len(w) != 1 || w[0].Threads != 300 || w[0].Calls != 300 {
				t.Errorf("%+v", w)
			}
		},
		"fork": func(t *testing.T, s board.Snapshot) {
			m := byName(s)
			if s.Misused != 0 || s.Attached != 2 || len(slots(s, "before")) != 2 || len(slots(s, "across")) != 1 {
				t.Fatalf("%+v", s)
			}
			if c := m["child"]; c.Calls != 1 || c.PID == m["across"].PID {
				t.Errorf("%+v", c)
			}
			near(t, "child's faults", m["child"].Total.MinorFaults, 500)
			if c := m["across"]; c.Calls != 1 || c.Total.MinorFaults > 400 {
				t.Errorf("the parent counted its child: %+v", c)
			}
		},
		"exec": func(t *testing.T, s board.Snapshot) {
			if byName(s)["before exec"].Calls != 1 || s.Attached != 2 {
				t.Errorf("%+v", s)
			}
			nested(t, s)
		},
		"closed": func(t *testing.T, s board.Snapshot) {
			if byName(s)["f"].Calls != 10 {
				t.Errorf("%+v", s)
			}
		},
		"misuse": func(t *testing.T, s board.Snapshot) {
			m := byName(s)
			if s.Misused != 3 || m["a"].Calls != 1 || m["b"].Calls != 1 || m["open"].Open != 1 || m["open"].Calls != 0 {
				t.Errorf("%+v", s)
			}
		},
		"many": func(t *testing.T, s board.Snapshot) {
			if m := byName(s); len(m) != 5000 || m["region 4999"].Calls != 2 {
				t.Errorf("%d regions", len(m))
			}
		},
		"deep": func(t *testing.T, s board.Snapshot) {
			if s.Deep != 6 || len(s.Slots) != 64 || s.Misused != 0 {
				t.Errorf("deep %d, %d slots, misused %d", s.Deep, len(s.Slots), s.Misused)
			}
		},
		"names": func(t *testing.T, s board.Snapshot) {
			var names []string
			for _, slot := range s.Slots {
				names = append(names, slot.Name)
			}
			if want := []string{"\x1b[31m\n\xff", board.Shorten(strings.Repeat("x", 599)), "(unnamed)"}; !slices.Equal(names, want) {
				t.Errorf("%q, want %q", names, want)
			}
		},
		"killed": func(t *testing.T, s board.Snapshot) {
			m := byName(s)
			if m["done"].Calls != 1 || m["under way"].Calls != 0 || m["under way"].Open != 1 {
				t.Errorf("%+v", m)
			}
		},
		"killed in a recursion": func(t *testing.T, s board.Snapshot) {
			f := byName(s)["f"]
			if f.Calls != 2 || f.Open != 1 || f.Self.Time != f.Total.Time {
				t.Fatalf("%+v", f)
			}
			near(t, "faults", f.Total.MinorFaults, 100)
		},
		"active": func(t *testing.T, s board.Snapshot) {
			if s.Attached != 1 || len(s.Slots) != 0 {
				t.Errorf("%+v", s)
			}
		},
	}
	for name, check := range tests {
		t.Run(name, func(t *testing.T) { check(t, runCase(t, program, name)) })
	}
	t.Run("another board", func(t *testing.T) {
		for _, env := range []string{"", "1:2:3:4:5", "1:0:0:0:0", "x", "1:99999999999999999999:1:1:1", "2:100:1:1:1"} {
			cmd := exec.Command(program, "active")
			cmd.Env = []string{board.Env + "=" + env}
			var exit *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("%q: %v, want inactive", env, err)
			}
		}
	})
}

// The example of the documentation does what its comment says.
func TestExample(t *testing.T) {
	s := runCase(t, compile(t, "gcc", "-O2", "example/triad.c"), "")
	calls := map[string]uint64{}
	for _, slot := range s.Slots {
		calls[slot.Name] += slot.Calls
	}
	if calls["triad"] != 40 || calls["fill"] != 2 || calls["steps"] != 2 {
		t.Errorf("%v", calls)
	}
}
