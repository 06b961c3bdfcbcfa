package event

import (
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
)

// shares has the groups of each core type run for a share of the time.
func (l *lab) shares(core, atom float64) {
	l.k.shareOf = func(group []attrT) float64 {
		switch l.byType[group[0].Type] {
		case "cpu_core":
			return core
		case "cpu_atom":
			return atom
		}
		return 1
	}
}

// The fake kernel shows of a group's count what its share of the time lets it see: a thread that is on the P cores for
// 60 % of the time has 60 % of the value there.
func TestHybrid(t *testing.T) {
	tests := []struct {
		name       string
		core, atom float64
		atomInst   float64
		quality    perf.Quality
		inst       float64 // instructions; P cores have 1000 in all the time
		running    float64
		flops      string // "" if counted, else in the reason
	}{
		{"pinned to P cores", 1, 0, 0, perf.Exact, 1000, 0, ""},
		{"moved: each PMU's count is whole, and is not scaled", 0.6, 0.4, 500, perf.Exact, 600 + 200, 0, "25.0 % of the instructions ran on cpu_atom"},
		{"a time lost in moving is neither's", 0.6, 0.3995, 1000, perf.Exact, 600 + 399, 0, "ran on cpu_atom"},
		{"multiplexed as well: the sum is scaled", 0.3, 0.2, 1000, perf.Scaled, (300 + 200) / 0.5, 0.5, "ran on cpu_atom"},
		{"multiplexed on P cores alone", 0.5, 0, 0, perf.Scaled, 1000, 0.5, ""},
		{"hardly ever counted", 0.1, 0.1, 1000, perf.Missing, 0, 0, "ran on cpu_atom"},
		{"never", 0, 0, 0, perf.Missing, 0, 0, "not known"},
		{"on E cores alone", 0, 1, 1000, perf.Exact, 1000, 0, "100.0 % of the instructions ran on cpu_atom"},
	}
	for _, tt := range tests {
		l := newLab(t, "alderlake")
		l.counts = map[string]float64{
			"cpu_core/inst.retired": 1000, "cpu_core/cycles.core": 500, "cpu_core/flops.dp.256": 10,
			"cpu_atom/inst.retired": tt.atomInst, "cpu_atom/cycles.core": tt.atomInst,
		}
		l.shares(tt.core, tt.atom)
		counts, _ := l.countOnce(t, Options{}, perf.Known...)
		if c := counts[perf.Instructions]; c.Quality != tt.quality || c.Quality != perf.Missing && (c.Value < tt.inst-1 || c.Value > tt.inst+1) || c.Running < tt.running-1e-9 || c.Running > tt.running+1e-9 {
			t.Errorf("%s: instructions %+v, want %s %v, running %v", tt.name, c, tt.quality, tt.inst, tt.running)
		}
		c := counts[perf.FLOPs]
		if tt.flops == "" {
			if want := 40.0; c.Quality != tt.quality || c.Value < want-1 || c.Value > want+1 {
				t.Errorf("%s: FLOPs %+v, want %v", tt.name, c, want)
			}
		} else if c.Quality != perf.Missing || !strings.Contains(c.Reason, tt.flops) || !strings.Contains(c.Reason, "Gracemont") && tt.flops != "not known" {
			t.Errorf("%s: FLOPs %+v, want missing with %q", tt.name, c, tt.flops)
		}
	}
}

func TestOnePass(t *testing.T) {
	for share, quality := range map[float64]perf.Quality{0.34: perf.Scaled, 0.26: perf.Scaled, 0.24: perf.Missing, 1: perf.Exact} {
		l := newLab(t, "skylakex")
		for _, e := range l.table.Events {
			l.counts[e.Role] = 10_000
		}
		l.counts["mem.stores"] = 1
		l.k.running = share
		counts, plan := l.countOnce(t, Options{OnePass: true}, perf.Known...)
		if len(plan.Passes) != 1 {
			t.Fatalf("%d passes", len(plan.Passes))
		}
		c := counts[perf.FLOPs]
		// Every width of both precisions: 2·(1+…) operations for 10,000 counts of each.
		const want = 10_000 * (1 + 2 + 4 + 8 + 1 + 4 + 8 + 16)
		if c.Quality != quality || quality != perf.Missing && (c.Value < 0.99*want || c.Value > 1.01*want) || quality == perf.Scaled && (c.Running < share-0.001 || c.Running > share+0.001) {
			t.Errorf("running %v: %+v, want %s %d", share, c, quality, want)
		}
		if quality == perf.Missing && !strings.Contains(c.Reason, "24 %") {
			t.Errorf("%+v", c)
		}
		left := 0
		for _, q := range perf.Known {
			if strings.Contains(counts[q].Reason, "left out of the single pass") {
				left++
			}
		}
		if left == 0 || left > 4 || counts[perf.Cycles].Quality != quality {
			t.Errorf("%d wanted quantities are left out; cycles %+v", left, counts[perf.Cycles])
		}
	}
}

// In one pass, details take room that is left and nothing more.
func TestOnePassIsEconomical(t *testing.T) {
	groups := func(name string) (n int, plan *Plan) {
		l := newLab(t, name)
		plan, err := l.planner().plan(perf.Known, Options{Uarch: name, OnePass: true})
		check(t, err)
		for _, s := range plan.Passes[0].Sets {
			n += boolInt(s.PMU == "cpu")
		}
		return n, plan
	}
	n, plan := groups("icelakex")
	if td := plan.chosen[perf.SlotsRetiring]; n != 2 || len(td) != 1 || td[0].why != "" {
		t.Errorf("icelakex: %d groups, want 2 with top-down in them: %+v", n, td)
	}
	if loads := plan.chosen[perf.Loads]; loads[0].why == "" {
		t.Errorf("icelakex: loads got a counter that others need: %+v", loads[0].recipe)
	}
	n, plan = groups("skylakex")
	if n != 3 || plan.Missing(perf.BytesL3) != "" || plan.Missing(perf.MissesL3) == "" {
		t.Errorf("skylakex, fourteen events for twelve places: %d groups, missing %q, %q", n, plan.Missing(perf.BytesL3), plan.Missing(perf.MissesL3))
	}
}

// In one pass, each type of core has one group: turns could not be told from the time on the other cores.
func TestOnePassTakesNoTurnsOnHybrids(t *testing.T) {
	l := newLab(t, "alderlake")
	plan, err := l.planner().plan(perf.Known, Options{Uarch: "alderlake", OnePass: true})
	check(t, err)
	groups := map[string]int{}
	for _, s := range plan.Passes[0].Sets {
		groups[s.PMU]++
	}
	if len(plan.Passes) != 1 || groups["cpu_core"] != 1 || groups["cpu_atom"] != 1 {
		t.Errorf("%d passes, groups %v", len(plan.Passes), groups)
	}
	for _, q := range []perf.Quantity{perf.Instructions, perf.Cycles, perf.MissesL1} {
		for _, c := range plan.chosen[q] {
			if c.why != "" {
				t.Errorf("%s on %s: %s", q, c.unit.name, c.why)
			}
		}
	}
}
