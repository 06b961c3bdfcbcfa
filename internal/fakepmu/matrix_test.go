//go:build linux && amd64

package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
	"github.com/roofline-go/roofline/internal/fakepmu/scenario"
)

// count is an entry of the result document.
type count struct {
	Value                   *float64
	Source, Quality, Reason string
	Running                 float64
}

// command measures the command true and returns what the PMU counted of it.
func (s *session) command(flags ...string) map[string]count {
	s.t.Helper()
	file := filepath.Join(filepath.Dir(s.path), "result.json")
	args := append(append([]string{"measure", "--no-progress", "--json", file, "--out", filepath.Dir(file)}, flags...), "--", "true")
	out, code := s.run(args...)
	if code != 0 {
		s.t.Fatalf("measure -- true: exit code %d\n%s", code, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	var doc struct {
		Runs []struct{ Counts map[string][]count }
	}
	if err := json.Unmarshal(b, &doc); err != nil || len(doc.Runs) != 1 {
		s.t.Fatalf("result of measure -- true: %d runs, %v", len(doc.Runs), err)
	}
	counts := map[string]count{}
	for q, list := range doc.Runs[0].Counts {
		for _, c := range list {
			if c.Source == "pmu" {
				counts[q] = c
			}
		}
	}
	return counts
}

// outcome is what must come of a quantity.
type outcome struct {
	value   float64
	reason  string // a part of it: the quantity must be missing
	anyText bool   // it must be missing, whatever the reason says
	scaled  bool   // it may be scaled, within half a percent
	spare   string // a reason for which it may be missing all the same
}

func (s *session) check(counts map[string]count, want map[string]outcome) {
	s.t.Helper()
	for _, q := range sorted(want) {
		w, c := want[q], counts[q]
		switch missing := w.reason != "" || w.anyText; {
		case w.spare != "" && c.Quality == "missing" && c.Value == nil && strings.Contains(c.Reason, w.spare):
		case c.Source == "" && (missing || w.spare != "") && strings.HasPrefix(q, "flops."): // details are given where they can be counted
		case c.Source == "":
			s.t.Errorf("%s: the result does not have it", q)
		case missing && (c.Quality != "missing" || c.Value != nil || c.Reason == "" || !strings.Contains(c.Reason, w.reason)):
			s.t.Errorf("%s: %s, want it missing because of %q", q, c, w.reason)
		case missing:
		case c.Value == nil:
			s.t.Errorf("%s: %s, want %g", q, c, w.value)
		case !w.scaled && (c.Quality != "exact" || *c.Value != w.value):
			s.t.Errorf("%s: %s, want exactly %g", q, c, w.value)
		case w.scaled && (c.Quality != "scaled" && c.Quality != "exact" || math.Abs(*c.Value/w.value-1) > 0.005):
			s.t.Errorf("%s: %s, want about %g", q, c, w.value)
		case w.scaled && c.Quality == "scaled" && !(c.Running > 0 && c.Running < 1):
			s.t.Errorf("%s: %s, want a running share within 0 and 1", q, c)
		}
	}
}

func (c count) String() string {
	value := "no value"
	if c.Value != nil {
		value = strconv.FormatFloat(*c.Value, 'g', -1, 64)
	}
	return fmt.Sprintf("%s (%s %s, running %g, %q)", value, c.Source, c.Quality, c.Running, c.Reason)
}

func sorted[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// checkTrace compares the events that were asked for with the reference tables.
func (s *session) checkTrace() {
	s.t.Helper()
	known := map[string]bool{}
	key := func(pmu string, config, config1 uint64) string {
		return fmt.Sprintf("%s/%#x,%#x", pmu, config, config1)
	}
	for _, e := range s.uarch.Events {
		config, config1 := e.Code()
		known[key(strings.TrimSuffix(e.PMU, "<n>"), config, config1)] = true
	}
	opened := 0
	for _, line := range readTrace(s.t, s.trace) {
		if line["call"] != "perf_event_open" || line["passed"] != nil || line["type"] == 0.0 || line["type"] == 3.0 {
			continue
		}
		pmu, _ := line["pmu"].(string)
		if pmu == "" { // refused: the record does not say where
			continue
		}
		opened++
		config, _ := strconv.ParseUint(line["config"].(string), 0, 64)
		config1, _ := strconv.ParseUint(line["config1"].(string), 0, 64)
		name := pmu
		if strings.HasPrefix(pmu, "uncore_") || strings.HasPrefix(pmu, "amd_umc") || strings.HasPrefix(pmu, "armv8") {
			name = strings.TrimRight(pmu, "0123456789")
		}
		if !known[key(name, config, config1)] {
			s.t.Errorf("%s: config %#x, config1 %#x is in no reference table", pmu, config, config1)
		}
	}
	if opened == 0 {
		s.t.Error("the trace has no event")
	}
}

// checkClosed says which opened events were never closed, and returns how many were opened.
func (s *session) checkClosed() (opened int) {
	s.t.Helper()
	open := map[any]record{}
	for _, line := range readTrace(s.t, s.trace) {
		switch {
		case line["call"] == "close":
			delete(open, line["id"])
		case line["call"] == "perf_event_open" && line["errno"] == 0.0 && line["id"] != nil:
			open[line["id"]] = line
			opened++
		}
	}
	for _, line := range open {
		s.t.Errorf("opened and never closed, 1 of %d of %d: %v", len(open), opened, line)
		break
	}
	return opened
}

// variant is a machine of the matrix: how it differs, how the command is measured, and how the outcomes change.
type variant struct {
	name   string
	flags  []string
	change func(u *scenario.Uarch, o *scenario.Options)
	want   func(u *scenario.Uarch, want map[string]outcome)
}

// nothing replaces every outcome: of the cores for one reason, of the uncore for the same in other words.
func nothing(reason, uncore string) func(*scenario.Uarch, map[string]outcome) {
	return func(u *scenario.Uarch, want map[string]outcome) {
		for q := range want {
			want[q] = outcome{reason: reason}
		}
		want["bytes.DRAM"] = outcome{reason: uncore}
		if u.Vendor == "arm" { // whose memory controllers have no PMU here
			want["bytes.DRAM"] = outcome{anyText: true}
		}
	}
}

// uncore replaces the outcomes of what is counted outside the cores.
func uncore(reason string) func(*scenario.Uarch, map[string]outcome) {
	return func(_ *scenario.Uarch, want map[string]outcome) {
		if !want["bytes.DRAM"].anyText {
			want["bytes.DRAM"] = outcome{reason: reason}
		}
	}
}

// flopEvents are the events of roles of FLOPs on the first core PMU.
func flopEvents(u *scenario.Uarch) (list []scenario.Event) {
	for _, e := range u.Events {
		if e.PMU == u.PMUs[0].Name && strings.HasPrefix(e.Role, "flops.") {
			list = append(list, e)
		}
	}
	return list
}

// refuse makes every event of FLOPs fail with an errno.
func refuse(errno string) func(*scenario.Uarch, *scenario.Options) {
	return func(u *scenario.Uarch, o *scenario.Options) {
		for _, e := range flopEvents(u) {
			o.Errors = append(o.Errors, model.ErrorSpec{PMU: strings.Replace(e.PMU, "<n>", "0", 1), Config: e.Config, Errno: errno})
		}
	}
}

// refused says that FLOPs are missing because of the errno.
func refused(reason string) func(*scenario.Uarch, map[string]outcome) {
	return func(u *scenario.Uarch, want map[string]outcome) {
		for q, w := range want {
			if strings.HasPrefix(q, "flops") && !w.anyText {
				want[q] = outcome{reason: reason}
			}
		}
	}
}

// multiplexed says that all may be scaled, and that what the single pass has no room for may be left out, but for the
// quantities that it is made for.
func multiplexed(u *scenario.Uarch, want map[string]outcome) {
	for q, w := range want {
		w.scaled = true
		if q != "flops" && q != "instructions" && q != "cycles" {
			w.spare = "left out of the single pass"
		}
		want[q] = w
	}
}

var variants = []variant{
	{name: "full", flags: []string{"--passes"}},
	{name: "multiplexed", want: multiplexed},
	{
		name: "unprivileged", flags: []string{"--passes"},
		change: func(_ *scenario.Uarch, o *scenario.Options) { o.Unprivileged = true },
		want:   uncore("needs kernel.perf_event_paranoid ≤ 0 or CAP_PERFMON (EACCES)"),
	},
	{
		name: "locked", flags: []string{"--passes"},
		change: func(_ *scenario.Uarch, o *scenario.Options) { o.Unprivileged, o.Paranoid = true, 3 },
		want:   nothing("perf_event_paranoid is 3", "CAP_PERFMON (EACCES)"),
	},
	{
		name: "uncore missing", flags: []string{"--passes"},
		change: func(_ *scenario.Uarch, o *scenario.Options) { o.NoUncore = true },
		want:   uncore("no PMU of the memory controllers"),
	},
	{
		name: "EMFILE", flags: []string{"--passes"},
		change: func(_ *scenario.Uarch, o *scenario.Options) {
			o.Errors = []model.ErrorSpec{{AfterOpens: 0, Errno: "EMFILE"}}
		},
		want: nothing("too many open files", "too many open files"),
	},
	{
		name: "ENOSYS", flags: []string{"--passes"},
		change: func(_ *scenario.Uarch, o *scenario.Options) { o.Errors = []model.ErrorSpec{{Errno: "ENOSYS"}} },
		want:   nothing("seccomp", "ENOSYS"),
	},
	{
		name: "EACCES", flags: []string{"--passes"},
		change: func(_ *scenario.Uarch, o *scenario.Options) { o.Errors = []model.ErrorSpec{{Errno: "EACCES"}} },
		want:   nothing("a security module", "EACCES"),
	},
	{name: "EACCES of FLOPs", flags: []string{"--passes"}, change: refuse("EACCES"), want: refused("permi")},
	{name: "ENOENT of FLOPs", flags: []string{"--passes"}, change: refuse("ENOENT"), want: refused("ENOENT")},
}

// TestMatrix measures a command on every microarchitecture in every variant.
func TestMatrix(t *testing.T) {
	needFakepmu(t)
	ref, err := reference()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range ref.Names() {
		for _, v := range variants {
			t.Run(name+"/"+v.name, func(t *testing.T) {
				if testing.Short() && name != "sapphirerapids" && name != "zen4" {
					t.Skip("one of each vendor is enough for a short test")
				}
				t.Parallel()
				u := ref[name]
				o := scenario.Defaults()
				o.Values = values(u)
				if v.change != nil {
					v.change(u, &o)
				}
				if o.NoUncore {
					for key := range o.Values {
						if pmu, _, _ := strings.Cut(key, ":"); !slices.ContainsFunc(u.PMUs, func(p scenario.PMU) bool { return p.Name == pmu }) || strings.HasPrefix(pmu, "amd_") {
							delete(o.Values, key)
						}
					}
				}
				s := newSession(t, name, o, nil)
				needCores(t, s.dir)
				counts := s.command(v.flags...)
				s.check(counts, outcomes(u, o, v))
				if v.name == "full" {
					s.checkTrace()
					s.checkClosed()
				}
			})
		}
	}
}

func outcomes(u *scenario.Uarch, o scenario.Options, v variant) map[string]outcome {
	values, missing := book{u, values(u)}.expected(u.Features())
	want := map[string]outcome{}
	for q, value := range values {
		want[q] = outcome{value: value}
	}
	for _, q := range missing {
		want[q] = outcome{anyText: true}
	}
	if v.want != nil {
		v.want(u, want)
	}
	return want
}
