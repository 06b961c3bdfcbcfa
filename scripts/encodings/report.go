package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf/uarch"
)

// tally counts the events of one table: how many each oracle confirmed.
type tally struct {
	name                              string
	events, perf, pfm, either, fields int
	why                               map[string]int // why perf did not check an event by name, where libpfm4 did not either
}

func (t tally) reasons() string {
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(t.why)) {
		parts = append(parts, fmt.Sprintf("%d %s", t.why[why], why))
	}
	return strings.Join(parts, "; ")
}

// report collects the answers about all tables.
type report struct {
	known       []difference
	tallies     []tally
	explained   []string
	suspect     []string
	unchecked   []string
	unexplained []string
}

// add compares the oracles' answers about one event with the table.
func (r *report) add(e uarch.Event, perf, pfm, fields answer) {
	if n := len(r.tallies); n == 0 || r.tallies[n-1].name != e.Uarch {
		r.tallies = append(r.tallies, tally{name: e.Uarch, why: map[string]int{}})
	}
	t := &r.tallies[len(r.tallies)-1]
	t.events++
	byPerf, byPfm := r.compare("perf", e, perf), r.compare("libpfm4", e, pfm)
	t.perf += one(byPerf)
	t.pfm += one(byPfm)
	t.either += one(byPerf || byPfm)
	t.fields += one(r.compare("fields", e, fields))
	if !byPerf && !byPfm {
		t.why[cmp.Or(perf.unknown, "differs")]++
		r.unchecked = append(r.unchecked, fmt.Sprintf("%s %s/%s/: perf: %s; libpfm4: %s", e.Uarch, e.PMU, e.Name, perf.unknown, pfm.unknown))
	}
	if e.Suspect {
		r.suspect = append(r.suspect, fmt.Sprintf("%s %s is %#x, whatever the oracles say; caveats %s", e.Uarch, e.Name, e.Config, strings.Join(e.Caveats, ", ")))
	}
}

// compare says whether the oracle gave a code that is the table's, or differs for a known reason.
func (r *report) compare(oracle string, e uarch.Event, a answer) bool {
	if a.unknown != "" {
		return false
	}
	if a.code == e.Code {
		return true
	}
	text := fmt.Sprintf("%s %s/%s/ is %#x,%#x, %s says %#x,%#x", e.Uarch, e.PMU, e.Name, e.Config, e.Config1, oracle, a.code.Config, a.code.Config1)
	for _, k := range r.known {
		if k.explains(oracle, e, a.code) {
			r.explained = append(r.explained, text+": "+k.reason)
			return true
		}
	}
	r.unexplained = append(r.unexplained, text)
	return false
}

// sum adds up the tables.
func (r *report) sum() (s tally) {
	for _, t := range r.tallies {
		s.events += t.events
		s.perf += t.perf
		s.pfm += t.pfm
		s.either += t.either
		s.fields += t.fields
	}
	return s
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
