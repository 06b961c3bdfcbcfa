package top

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/google/pprof/profile"
)

// WritePprof writes the events as a profile that `go tool pprof` opens: a path is a stack, and a sample has its own time,
// FLOPs, bytes and calls.
func WritePprof(w io.Writer, root *Node) error {
	p := &profile.Profile{SampleType: []*profile.ValueType{
		{Type: "time", Unit: "nanoseconds"}, {Type: "flops", Unit: "count"}, {Type: "bytes", Unit: "bytes"}, {Type: "calls", Unit: "count"}},
		DefaultSampleType: "time"}
	places := map[string]*profile.Location{}
	place := func(name string) *profile.Location {
		if l := places[name]; l != nil {
			return l
		}
		f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name, SystemName: name}
		p.Function = append(p.Function, f)
		l := &profile.Location{ID: f.ID, Line: []profile.Line{{Function: f}}}
		p.Location = append(p.Location, l)
		places[name] = l
		return l
	}
	var walk func(n *Node, stack []*profile.Location)
	walk = func(n *Node, stack []*profile.Location) {
		if n != root {
			stack = append([]*profile.Location{place(n.Name)}, stack...) // the innermost first
			p.Sample = append(p.Sample, &profile.Sample{Location: stack,
				Value: []int64{int64(n.Self()), int64(n.FLOPs), int64(n.Bytes), int64(n.Calls)}})
		}
		for _, c := range n.Children {
			walk(c, stack)
		}
	}
	walk(root, nil)
	if err := p.CheckValid(); err != nil {
		return fmt.Errorf("export for pprof: %w", err)
	}
	return p.Write(w)
}

// WriteTrace writes the events in the Trace Event Format, which Perfetto and chrome://tracing open. Operations that ran at
// the same time without being within each other stand on lanes of their own.
func WriteTrace(w io.Writer, events []Event) error {
	type span struct {
		Name string         `json:"name"`
		Kind string         `json:"ph"`
		PID  int            `json:"pid"`
		Lane int            `json:"tid"`
		At   float64        `json:"ts"`  // µs
		Took float64        `json:"dur"` // µs
		Args map[string]any `json:"args,omitempty"`
	}
	document := struct {
		Events []span `json:"traceEvents"`
		Unit   string `json:"displayTimeUnit"`
	}{Events: []span{}, Unit: "ns"}
	for i, lane := range lanes(events) {
		e := events[i]
		args := map[string]any{"flops": e.FLOPs, "bytes": e.Bytes, "allocs": e.Allocs}
		if s := float64(e.End-e.Start) / 1e9; s > 0 && e.FLOPs > 0 {
			args["gflop_per_s"] = e.FLOPs / s / 1e9
		}
		document.Events = append(document.Events, span{e.Name, "X", 1, lane, float64(e.Start) / 1e3, float64(e.End-e.Start) / 1e3, args})
	}
	return json.NewEncoder(w).Encode(document)
}

// lanes gives every event the first lane on which it is within, or after, whatever else is on it. An event prefers the lane
// of its parent.
func lanes(events []Event) []int {
	order := make([]int, len(events))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { // earlier, and of equals the longer, first
		x, y := events[a], events[b]
		switch {
		case x.Start != y.Start:
			return int(min(max(x.Start-y.Start, -1), 1))
		case x.End != y.End:
			return int(min(max(y.End-x.End, -1), 1))
		}
		return int(min(max(int64(x.ID)-int64(y.ID), -1), 1))
	})
	lane := make([]int, len(events))
	laneOf := map[uint64]int{}
	var open [][]Event // of each lane, from the outermost to the innermost that may hold another
	fits := func(l int, e Event) bool {
		for len(open[l]) > 0 && open[l][len(open[l])-1].End <= e.Start {
			open[l] = open[l][:len(open[l])-1]
		}
		return len(open[l]) == 0 || e.End <= open[l][len(open[l])-1].End && open[l][len(open[l])-1].ID == e.Parent
	}
	for _, i := range order {
		e := events[i]
		at := -1
		if l, ok := laneOf[e.Parent]; ok && fits(l, e) {
			at = l
		}
		for l := 0; at < 0 && l < len(open); l++ {
			if fits(l, e) {
				at = l
			}
		}
		if at < 0 {
			at = len(open)
			open = append(open, nil)
		}
		open[at] = append(open[at], e)
		lane[i], laneOf[e.ID] = at, at
	}
	return lane
}
