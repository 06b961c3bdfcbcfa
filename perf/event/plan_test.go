package event

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/uarch"
)

func roles(s Set) (all []string) {
	for _, e := range s.Events {
		all = append(all, e.Role)
	}
	return all
}

// Every plan for every microarchitecture fits at the first try on a kernel that has the rules of its own, counts what it
// says it counts, and keeps FLOPs with cycles and instructions.
func TestPlansOfEveryMicroarchitecture(t *testing.T) {
	for _, name := range uarch.Names() {
		for _, o := range []Options{{}, {OnePass: true}} {
			l := newLab(t, name)
			plan, err := l.planner().plan(perf.Known, Options{Uarch: name, OnePass: o.OnePass})
			check(t, err)
			if notes := strings.Join(plan.Notes, "; "); strings.Contains(notes, "at a time") {
				t.Errorf("%s: %s", name, notes)
			}
			groups := map[string]int{}
			for _, pass := range plan.Passes {
				perPMU := map[string]int{}
				for _, s := range pass.Sets {
					r := roles(s)
					perPMU[s.PMU]++
					groups[s.PMU]++
					has := func(role string) bool { return slices.Contains(r, role) }
					hasFLOPs := slices.ContainsFunc(r, func(x string) bool { return strings.HasPrefix(x, "flops.") })
					if hasFLOPs && !(has("cycles.core") && has("inst.retired")) {
						t.Errorf("%s: FLOPs without cycles or instructions: %v", name, r)
					}
					if has(slots) && r[0] != slots {
						t.Errorf("%s: the slots event does not lead: %v", name, r)
					}
				}
				for pmu, n := range perPMU {
					if n > 1 && !o.OnePass {
						t.Errorf("%s: %d groups share %s in one pass", name, n, pmu)
					}
				}
			}
			for pmu, n := range groups {
				if o.OnePass && uarch.IsCorePMU(pmu) && n > mostGroups {
					t.Errorf("%s: %d groups in the only pass of %s", name, n, pmu)
				}
			}
			if o.OnePass && len(plan.Passes) > 1 {
				t.Errorf("%s: %d passes", name, len(plan.Passes))
			}
			for _, q := range perf.Known {
				served := slices.ContainsFunc(plan.chosen[q], func(c chosen) bool { return c.why == "" })
				if !q.OfSystem() && served == (plan.Missing(q) != "") {
					t.Errorf("%s: %s is counted: %t, missing because %q", name, q, served, plan.Missing(q))
				}
			}
			for q, all := range plan.chosen {
				for _, c := range all {
					for _, e := range c.events {
						if c.why == "" && len(plan.groupsOf(c.unit, c.unit.events[e].name)) == 0 {
							t.Errorf("%s: %s needs %s, which no group has", name, q, c.unit.events[e].name)
						}
					}
				}
			}
			l.closed(t)
		}
	}
}

// What can be counted on each microarchitecture at all, written down so that a change shows.
func TestWhatCanBeCounted(t *testing.T) {
	cannot := map[perf.Quantity][]string{
		perf.FLOPs:    {"haswell", "haswellx", "neoverse-n1"},
		perf.BytesL2:  {"sierraforest", "zen1"},
		perf.BytesL3:  {"sierraforest", "zen1", "zen2", "zen3", "zen4", "zen5"},
		perf.MissesL3: nil, perf.MissesL2: nil, perf.MissesL1: nil, perf.Instructions: nil, perf.Cycles: nil,
		perf.BytesDRAM: {"neoverse-n1", "neoverse-n2", "neoverse-v1", "neoverse-v2"},
		perf.BytesL1:   uarch.Names(),
	}
	for q, names := range cannot {
		var got []string
		for _, name := range uarch.Names() {
			plan, err := newLab(t, name).planner().plan(perf.Known, Options{Uarch: name})
			check(t, err)
			if plan.Missing(q) != "" {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, names) {
			t.Errorf("%s cannot be counted on %v, want %v", q, got, names)
		}
	}
}

// One group of the microarchitecture's own counters needs as many passes as a person finds by counting.
func TestPasses(t *testing.T) {
	passes := func(l *lab) int {
		plan, err := l.planner().plan([]perf.Quantity{perf.FLOPs}, Options{Uarch: l.table.Uarch})
		check(t, err)
		n := 0
		for _, p := range plan.Passes {
			n += boolInt(slices.ContainsFunc(p.Sets, func(s Set) bool {
				return slices.ContainsFunc(roles(s), func(r string) bool { return strings.HasPrefix(r, "flops.sp") || strings.HasPrefix(r, "flops.dp") })
			}))
		}
		return n
	}
	smt := func(l *lab, active string) *lab { l.file("sys/devices/system/cpu/smt/active", active); return l }
	watched := func(l *lab) *lab { l.file("proc/sys/kernel/nmi_watchdog", "1"); return l }
	skx, icx := newLab(t, "skylakex"), newLab(t, "icelakex")
	off := smt(newLab(t, "skylakex"), "0")
	off.general["cpu"] = 8
	halved := smt(newLab(t, "icelakex"), "1")
	halved.general["cpu"] = 4
	for name, tt := range map[string]struct {
		l    *lab
		want int
	}{
		"eight events on Skylake-X with SMT, four counters":        {smt(skx, "1"), 2},
		"the same without SMT, eight counters":                     {off, 1},
		"the same with the NMI watchdog on the cycle counter":      {watched(newLab(t, "skylakex")), 3},
		"eight counters on Ice Lake":                               {smt(icx, "1"), 1},
		"a hypervisor that gives four where eight are expected":    {halved, 2},
		"four where eight are taken for granted, as SMT seems off": {smt(newLab(t, "skylakex"), "0"), 2},
	} {
		if got := passes(tt.l); got != tt.want {
			t.Errorf("%s: %d passes with FLOPs, want %d", name, got, tt.want)
		}
	}
}

// A group that the kernel refuses or never runs, though it should fit, is split, and the plan says so.
func TestSplitGroupsAreReported(t *testing.T) {
	refuses := newLab(t, "icelakex")
	refuses.general["cpu"] = 3
	sleeps := newLab(t, "neoverse-v1") // the arm64 driver takes any group and never runs one that is too large
	sleeps.k.refuse = nil
	sleeps.k.shareOf = func(group []attrT) float64 { return float64(boolInt(len(group) <= 3)) }
	for name, l := range map[string]*lab{"refused": refuses, "never run": sleeps} {
		for _, role := range []string{"inst.retired", "cycles.core", "flops.dp.512", "flops.fixed", "l2.fill", "l2.wb", "l2.evict.nonsilent"} {
			l.counts[role] = 10
		}
		counts, plan := l.countOnce(t, Options{}, perf.Known...)
		for _, q := range []perf.Quantity{perf.FLOPs, perf.Instructions, perf.BytesL3} {
			if c := counts[q]; c.Quality != perf.Exact || c.Value == 0 {
				t.Errorf("%s: %s: %+v", name, q, c)
			}
		}
		if notes := strings.Join(plan.Notes, "; "); !strings.Contains(notes, "3 general events at a time") && !strings.Contains(notes, "2 general events at a time") {
			t.Errorf("%s: the plan says %q", name, notes)
		}
	}
}

// What is refused alone leaves the rest as it is, with its own reason.
func TestRefusedEvents(t *testing.T) {
	tests := []struct {
		errno   error
		pmu     string
		role    string
		missing map[perf.Quantity]string
	}{
		{unix.ENOENT, "cpu", "l2.fill", map[perf.Quantity]string{perf.BytesL3: "no such event"}},
		{unix.EINVAL, "cpu", "flops.sp.512", map[perf.Quantity]string{perf.FLOPs: "refuses it"}},
		{unix.EBUSY, "cpu", "llc.miss", nil}, // another recipe counts it
		{unix.EACCES, "uncore_imc_0", "", map[perf.Quantity]string{perf.BytesDRAM: "perf_event_paranoid ≤ 0"}},
		{unix.EPERM, "uncore_imc_1", "", map[perf.Quantity]string{perf.BytesDRAM: "CAP_PERFMON"}},
		{unix.EMFILE, "uncore_imc_1", "", map[perf.Quantity]string{perf.BytesDRAM: "ulimit"}},
		{unix.ENODEV, "uncore_imc_0", "dram.wr", map[perf.Quantity]string{perf.BytesDRAM: "does not support"}},
		{unix.ENOSYS, "cpu", "", map[perf.Quantity]string{perf.FLOPs: "ENOSYS", perf.Cycles: "ENOSYS", perf.BytesL3: "ENOSYS"}},
		{unix.EMFILE, "cpu", "", map[perf.Quantity]string{perf.FLOPs: "too many open files", perf.Cycles: "too many open files"}},
		{unix.EACCES, "cpu", "", map[perf.Quantity]string{perf.FLOPs: "no permission", perf.Cycles: "no permission"}},
	}
	everything := []perf.Quantity{perf.FLOPs, perf.Instructions, perf.Cycles, perf.BytesL2, perf.BytesL3, perf.BytesDRAM, perf.MissesL1, perf.MissesL2, perf.MissesL3}
	for _, tt := range tests {
		l := newLab(t, "skylakex")
		for _, e := range l.table.Events {
			l.counts[e.Role] = 100
		}
		l.counts["mem.stores"] = 1
		l.errno = func(pmu string, e uarch.Event, _ place) error {
			if pmu == tt.pmu && (tt.role == "" || tt.role == e.Role) {
				return tt.errno
			}
			return nil
		}
		counts, _ := l.countOnce(t, Options{}, everything...)
		for _, q := range everything {
			c := counts[q]
			why, gone := tt.missing[q]
			if tt.pmu == "cpu" && tt.role == "" {
				gone = q != perf.BytesDRAM // the rest of the core is gone for the same reason
			}
			if (c.Quality == perf.Missing) != gone || !strings.Contains(c.Reason, why) {
				t.Errorf("%v for %s %s: %s: %+v, want missing %t because %q", tt.errno, tt.pmu, tt.role, q, c, gone, why)
			}
		}
	}
}

// A PMU whose group opens and cannot be read counts nothing, and says why.
func TestUnreadableGroups(t *testing.T) {
	for name, raw := range map[string]func([]byte) (int, error){
		"short read": func(b []byte) (int, error) { return len(b) / 2, nil },
		"pinned":     func([]byte) (int, error) { return 0, nil },
		"EIO":        func([]byte) (int, error) { return 0, unix.EIO },
	} {
		l := newLab(t, "skylakex")
		l.k.raw = raw
		plan, err := l.planner().plan(perf.Known, Options{Uarch: "skylakex"})
		check(t, err)
		for _, q := range []perf.Quantity{perf.FLOPs, perf.Cycles, perf.BytesDRAM} {
			if why := plan.Missing(q); !strings.Contains(why, "read event group") {
				t.Errorf("%s: %s is missing because %q", name, q, why)
			}
		}
		l.closed(t)
	}
}

func TestUnknownUarch(t *testing.T) {
	l := newLab(t, "zen3")
	var unknown *uarch.UnknownError
	if _, err := l.planner().plan(perf.Known, Options{Uarch: "zen33"}); !errors.As(err, &unknown) {
		t.Errorf("%v", err)
	}
}
