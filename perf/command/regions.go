package command

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/region/board"
)

// Region is one marked region, over all threads and processes, per execution of the command.
type Region struct {
	Name        string // printable; see Printable
	Calls       float64
	Open        uint64  // entries that never ended, over all runs
	Threads     int     // that entered it, at most in one run
	Parallelism float64 // how many of them were at it at the same time; see parallelism
	Total       Spent   // nested regions included
	Self        Spent   // without nested regions
	Counts      map[perf.Quantity]perf.Count
	Refused     uint32 // errno with which a thread was refused its counters; 0 if none was
}

// Spent is thread time and resource usage.
type Spent struct {
	Time, User, System     time.Duration
	MinorFaults            float64
	MajorFaults            float64
	Voluntary, Involuntary float64
}

// Marked is what the marked regions of a command reported.
type Marked struct {
	Regions     []Region // most self time first
	Self        Spent    // of all of them: no time is in it twice
	Parallelism float64
	Counts      map[perf.Quantity]perf.Count // of all selfs
	Attached    uint64                       // processes that could report
	Lost        uint64                       // regions without a slot
	Deep        uint64                       // entries nested too deeply
	Misused     uint64                       // Ends that did not fit their Start
	Damaged     int                          // slots with impossible contents
}

// Collect adds up what regions reported in all runs.
func Collect(m Meter, outcomes []Outcome) Marked {
	var marked Marked
	runs := float64(len(outcomes))
	if runs == 0 {
		return marked
	}
	passes := PassRuns(m, outcomes)
	byName := map[string][]placed{}
	for i, o := range outcomes {
		s := o.Regions
		marked.Attached += s.Attached
		marked.Lost += s.Lost
		marked.Deep += s.Deep
		marked.Misused += s.Misused
		marked.Damaged += s.Damaged
		for _, slot := range s.Slots {
			byName[slot.Name] = append(byName[slot.Name], placed{i, o.Pass, slot})
		}
	}
	var all []placed
	for name, slots := range byName {
		r := Region{Name: Printable(name), Parallelism: parallelism(slots)}
		total := m.NewTally()
		threads := map[int]int{}
		for _, p := range slots {
			r.Calls += float64(p.slot.Calls)
			r.Open += p.slot.Open
			r.Refused = cmp.Or(r.Refused, p.slot.Errno)
			threads[p.run] += p.slot.Threads
			r.Threads = max(r.Threads, threads[p.run])
			r.Total.add(p.slot.Total, runs)
			r.Self.add(p.slot.Self, runs)
			total.AddGroups(p.pass, p.slot.Total.Groups, p.slot.Opened)
		}
		r.Calls /= runs
		r.Counts = total.Counts(passes)
		marked.Regions = append(marked.Regions, r)
		all = append(all, slots...)
	}
	self := m.NewTally()
	for _, p := range all {
		marked.Self.add(p.slot.Self, runs)
		self.AddGroups(p.pass, p.slot.Self.Groups, p.slot.Opened)
	}
	marked.Counts = self.Counts(passes)
	marked.Parallelism = parallelism(all)
	slices.SortFunc(marked.Regions, func(a, b Region) int {
		return cmp.Or(cmp.Compare(b.Self.Time, a.Self.Time), cmp.Compare(a.Name, b.Name))
	})
	return marked
}

// PassRuns is how often each pass of the meter was run: an interruption may come before the last of them.
func PassRuns(m Meter, outcomes []Outcome) []int {
	runs := make([]int, m.Passes())
	for _, o := range outcomes {
		runs[o.Pass]++
	}
	return runs
}

// placed is a slot and where it comes from.
type placed struct {
	run, pass int
	slot      board.Slot
}

func (s *Spent) add(v board.Values, runs float64) {
	s.Time += time.Duration(float64(v.Time) / runs)
	s.User += time.Duration(float64(v.User) / runs)
	s.System += time.Duration(float64(v.System) / runs)
	s.MinorFaults += float64(v.MinorFaults) / runs
	s.MajorFaults += float64(v.MajorFaults) / runs
	s.Voluntary += float64(v.Voluntary) / runs
	s.Involuntary += float64(v.Involuntary) / runs
}

// parallelism says how many threads worked side by side: each thread spans the time from its first Start to its last End,
// and the sum of the spans is compared with their union. Threads that all work at the same time give their number, threads
// that follow each other give 1. It is at least 1. Thread time divided by it is the time on the clock, exactly so for
// one thread and for threads that are always in the region together.
func parallelism(slots []placed) float64 {
	type key struct{ run, pid, tid int }
	type span struct {
		run        int
		from, till uint64
	}
	spans := map[key]span{}
	for _, p := range slots {
		if p.slot.Last <= p.slot.First {
			continue
		}
		k := key{p.run, p.slot.PID, p.slot.TID}
		s, ok := spans[k]
		if !ok {
			s = span{p.run, p.slot.First, p.slot.Last}
		}
		spans[k] = span{p.run, min(s.from, p.slot.First), max(s.till, p.slot.Last)}
	}
	var list []span
	for _, s := range spans {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b span) int { return cmp.Or(cmp.Compare(a.run, b.run), cmp.Compare(a.from, b.from)) })
	var sum, union float64
	run, end := -1, uint64(0)
	for _, s := range list {
		if s.run != run {
			run, end = s.run, 0
		}
		sum += float64(s.till - s.from)
		if s.till > end {
			union += float64(s.till - max(s.from, end))
			end = s.till
		}
	}
	if union == 0 {
		return 1
	}
	return max(sum/union, 1)
}

// Printable shows a name from a program, which may contain anything: what is not graphic, or no UTF-8, is escaped as in
// Go, and so is the backslash. Different names stay different.
func Printable(name string) string {
	var b strings.Builder
	for len(name) > 0 {
		r, size := utf8.DecodeRuneInString(name)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatUint(0x100|uint64(name[0]), 16)[1:])
		case r == '\\':
			b.WriteString(`\\`)
		case r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		}
		name = name[size:]
	}
	return b.String()
}
