package measure

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/command"
	"github.com/roofline-go/roofline/perf/region/board"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// tallied is a meter and tally with two events in one group: double-precision FLOPs of 256 bits, and bytes from DRAM.
type tallied struct {
	flops, bytes, scale float64
	passes              int // of which the first counts both
}

func (t *tallied) Passes() int                        { return max(t.passes, 1) }
func (t *tallied) Events(int) []board.Event           { return nil }
func (t *tallied) Open(int) (command.Counters, error) { return nil, errors.New("not here") }
func (t *tallied) NewTally() command.Tally            { return &tallied{} }
func (t *tallied) Add(int, command.Reading)           {}
func (t *tallied) AddIdle(int, command.Reading)       {}

func (t *tallied) AddGroups(_ int, groups []board.Group, opened uint64) {
	if opened&1 == 1 {
		t.flops += float64(groups[0].Values[0])
		t.bytes += float64(groups[0].Values[1])
	}
}

func (t *tallied) Counts(runs []int) map[perf.Quantity]perf.Count {
	count := func(v float64) perf.Count {
		c := perf.Count{Value: v / float64(runs[0]), Source: perf.SourcePMU, Quality: perf.Exact}
		if t.scale > 0 {
			c.Quality, c.Running = perf.Scaled, t.scale
		}
		return c
	}
	counts := perf.AllMissing(perf.SourcePMU, CommandWanted, "not counted here")
	if t.flops > 0 {
		counts[perf.FLOPs], counts[perf.FLOPsOf("f64", perf.Bits256)], counts[perf.BytesDRAM] = count(t.flops), count(t.flops), count(t.bytes)
	}
	return counts
}

func slot(name string, tid int, from, till, self uint64, flops, bytes, selfFlops, selfBytes uint64) board.Slot {
	values := func(time, f, b uint64) board.Values {
		return board.Values{Time: time, User: time, Groups: []board.Group{{Enabled: time, Running: time, Values: []uint64{f, b}}}}
	}
	return board.Slot{Name: name, PID: 1, TID: tid, Threads: 1, Calls: 2, First: from, Last: till, Opened: 1,
		Total: values(till-from, flops, bytes), Self: values(self, selfFlops, selfBytes)}
}

// aCommand ran for a second; its thread spent 0.8 s in outer, half of that in inner.
func aCommand() CommandPlan {
	const ms = 1_000_000
	ceiling := func(id, kind, dtype, level string, threads int, unit string, v float64) roofline.Ceiling {
		return roofline.Ceiling{ID: id, Kind: kind, Op: "load", DType: dtype, Level: level, Threads: threads, Unit: unit,
			Value: stats.Estimate{Median: v, Lo: v, Hi: v, N: 9}}
	}
	return CommandPlan{
		Args: []string{"/bin/solve", "x"}, Meter: &tallied{}, Whole: &tallied{flops: 1e9, bytes: 4e9},
		Outcomes: []command.Outcome{{
			Ending: command.Ending{Elapsed: time.Second, Usage: command.Usage{User: 900 * ms, PeakRSS: 5 << 20, MinorFaults: 7, Involuntary: 2}},
			Floor:  1 << 20,
			Regions: board.Snapshot{Slots: []board.Slot{
				slot("outer", 1, 100*ms, 900*ms, 400*ms, 8e8, 3e9, 2e8, 2e9),
				slot("inner", 1, 200*ms, 600*ms, 400*ms, 6e8, 1e9, 6e8, 1e9),
			}},
		}},
		Ceilings: []roofline.Ceiling{
			ceiling("compute.fma.avx2.f64", "compute", "f64", "", 1, "FLOP/s", 1e11), ceiling("bandwidth.load.DRAM", "bandwidth", "", "DRAM", 1, "B/s", 1e10),
			ceiling("compute.fma.avx2.f64", "compute", "f64", "", 2, "FLOP/s", 2e11), ceiling("bandwidth.load.DRAM", "bandwidth", "", "DRAM", 2, "B/s", 1.5e10),
		},
		Choice: perf.Choice{Sources: []perf.SourceName{perf.SourcePMU}},
	}
}

func runsByID(t *testing.T, res *roofline.Result) map[string]roofline.Run {
	t.Helper()
	if err := res.Validate(); err != nil {
		t.Fatal(err)
	}
	m := map[string]roofline.Run{}
	for _, r := range res.Runs {
		m[r.Kernel+" "+r.Variant] = r
	}
	return m
}

func TestCommandIsPlaced(t *testing.T) {
	m := runsByID(t, Command(aCommand()))
	for name, want := range map[string]struct{ seconds, flops, bytes float64 }{
		"command solve":      {1, 1e9, 4e9},
		"outer region":       {0.8, 8e8, 3e9},
		"inner region":       {0.4, 6e8, 1e9},
		"command (unmarked)": {0.2, 2e8, 1e9},
	} {
		r, ok := m[name]
		if !ok || r.DType != "f64" || r.ISA != "avx2" || r.Threads != 1 || math.Abs(r.Time.Median-want.seconds) > 1e-9 || r.Time.N != 1 || r.Time.Known() {
			t.Errorf("%s: %+v", name, r)
			continue
		}
		if len(r.Points) != 1 || r.Points[0].Level != "DRAM" || r.Points[0].AI != want.flops/want.bytes || math.Abs(r.Points[0].Perf/(want.flops/want.seconds)-1) > 1e-9 {
			t.Errorf("%s: points %+v", name, r.Points)
		}
		if r.Bound == nil || r.Bound.By != "bandwidth.load.DRAM" || math.Abs(r.Bound.Fraction/(want.bytes/1e10/want.seconds)-1) > 1e-9 {
			t.Errorf("%s: bound %+v", name, r.Bound)
		}
	}
	whole := m["command solve"]
	if whole.Memory.PeakRSS != 5<<20 || whole.Command.CPU != 0.9 || whole.Counts[perf.PageFaults][0].Value != 7 {
		t.Errorf("%+v", whole)
	}
}

func TestCommandChoosesCeilings(t *testing.T) {
	p := aCommand()
	for busy, want := range map[time.Duration]int{900 * time.Millisecond: 1, 1050 * time.Millisecond: 1, 1300 * time.Millisecond: 2, 9 * time.Second: 2} {
		p.Outcomes[0].Usage.User = busy
		if got := runsByID(t, Command(p))["command solve"].Threads; got != want {
			t.Errorf("%v busy in a second: ceilings of %d threads, want %d", busy, got, want)
		}
	}
	p.Outcomes[0].Usage.User = 0
	other := p.Outcomes[0].Regions.Slots[0] // the same region in a second thread, at the same time
	other.TID = 2
	side := aCommand()
	side.Outcomes[0].Usage.User = 0
	side.Outcomes[0].Regions.Slots = append(side.Outcomes[0].Regions.Slots, other)
	for id, r := range runsByID(t, Command(side)) {
		if r.Threads != 2 {
			t.Errorf("two threads side by side: %s is compared with ceilings of %d", id, r.Threads)
		}
	}
	p.Forced = 2
	if got := runsByID(t, Command(p))["inner region"].Threads; got != 2 {
		t.Errorf("forced: %d", got)
	}
}

func TestCommandWarns(t *testing.T) {
	has := func(t *testing.T, p CommandPlan, part string) {
		t.Helper()
		res := Command(p)
		runsByID(t, res)
		for _, w := range res.Warnings {
			if strings.Contains(w.Text+" "+w.Cure, part) {
				return
			}
		}
		t.Errorf("no warning with %q in %+v", part, res.Warnings)
	}
	for part, change := range map[string]func(p *CommandPlan){
		"roofline ceilings":            func(p *CommandPlan) { p.Ceilings = nil },
		"exited with code 3":           func(p *CommandPlan) { p.Outcomes[0].Status.Exit = 3 },
		"SIGSEGV":                      func(p *CommandPlan) { p.Outcomes[0].Status.Signal = 11 },
		"2 of the ends of regions":     func(p *CommandPlan) { p.Outcomes[0].Regions.Misused = 2 },
		"too deeply":                   func(p *CommandPlan) { p.Outcomes[0].Regions.Deep = 1 },
		"found no room":                func(p *CommandPlan) { p.Outcomes[0].Regions.Lost = 1 },
		"were damaged":                 func(p *CommandPlan) { p.Outcomes[0].Regions.Damaged = 1 },
		"1 of its entries never ended": func(p *CommandPlan) { p.Outcomes[0].Regions.Slots[0].Open = 1 },
		"ulimit -n":                    func(p *CommandPlan) { p.Outcomes[0].Regions.Slots[0].Errno = 24 },
		"fewer rights":                 func(p *CommandPlan) { p.Outcomes[0].Regions.Slots[0].Errno = 13 },
		"not everything was":           func(p *CommandPlan) { p.Outcomes[0].Why = errors.New("x") },
		"--passes":                     func(p *CommandPlan) { p.Whole = &tallied{flops: 1e9, bytes: 4e9, scale: 0.5} },
		"a note of the planner":        func(p *CommandPlan) { p.Notes = []string{"a note of the planner"} },
		"need a PMU: none at all":      func(p *CommandPlan) { p.Machine.PMU.Reason = "none at all" },
		"--function NAME":              func(p *CommandPlan) { p.Machine.PMU, p.Machine.CPU.Arch = roofline.PMU{Reason: "none"}, "amd64" },
	} {
		p := aCommand()
		change(&p)
		has(t, p, part)
	}
}

// How events would be counted is of no use where there is nothing that counts them.
func TestCommandWithoutAPMUHasNoNotesOfEvents(t *testing.T) {
	p := aCommand()
	p.Machine.PMU, p.Whole, p.Notes = roofline.PMU{Reason: "none"}, nil, []string{"a note of the planner"}
	for _, w := range Command(p).Warnings {
		if w.Text == p.Notes[0] {
			t.Errorf("%+v", w)
		}
	}
}

func TestCommandHonestAboutWhatItDoesNotKnow(t *testing.T) {
	p := aCommand()
	p.Outcomes[0].Usage.PeakRSS = p.Outcomes[0].Floor
	p.Whole = &tallied{flops: 1e8, bytes: 1e8, scale: 0.5} // less than in the regions
	m := runsByID(t, Command(p))
	whole, left := m["command solve"], m["command (unmarked)"]
	if c := whole.Counts[perf.PeakRSS][0]; c.Quality != perf.Missing || !strings.Contains(c.Reason, "1 MiB") || whole.Memory.PeakRSS != 0 {
		t.Errorf("peak %+v", c)
	}
	if c := left.Counts[perf.FLOPs][0]; c.Quality != perf.Missing || !strings.Contains(c.Reason, "multiplexed") {
		t.Errorf("unmarked FLOPs %+v", c)
	}
	p.Whole = nil
	if c := runsByID(t, Command(p))["command solve"].Counts[perf.FLOPs][0]; c.Quality != perf.Missing || !strings.Contains(c.Reason, "--regions") {
		t.Errorf("FLOPs of the whole %+v", c)
	}
	// A counter that known work has shown to be wrong is not used.
	p = aCommand()
	p.Choice.Verdicts = []perf.Verdict{{Quantity: perf.FLOPs, Source: perf.SourcePMU, Status: perf.Off, On: perf.JudgedOn(perf.FLOPs, "f64"), Text: "reads half"}}
	if c := runsByID(t, Command(p))["inner region"].Counts[perf.FLOPs][0]; c.Quality != perf.Missing || !strings.Contains(c.Reason, "reads half") {
		t.Errorf("refused FLOPs %+v", c)
	}
}

// Interrupted after the first of three passes, the counts of that pass are still those of one execution, and the document can
// be read again.
func TestCommandInterruptedBetweenPasses(t *testing.T) {
	p := aCommand()
	p.Meter = &tallied{passes: 3}
	m := runsByID(t, Command(p))
	for name, flops := range map[string]float64{"command solve": 1e9, "outer region": 8e8} {
		if got := m[name].FLOPs(); got != flops {
			t.Errorf("%s: %g FLOPs, want %g", name, got, flops)
		}
	}
	if c := m["command solve"].Command; c.Runs != 1 || c.Passes != 3 {
		t.Errorf("%+v", c)
	}
}
