package report

import (
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/history"
	"github.com/roofline-go/roofline/roofline/session"
)

// trajectories tells the story of every kernel. Variants are steps of one trajectory, as the tuning of one kernel leaves
// them behind, unless one measurement has several of them side by side: then each is a kernel of its own.
func trajectories(in Input) []*history.Trajectory {
	var records []*session.Record
	for _, e := range in.Entries {
		if e.Record != nil {
			records = append(records, e.Record)
		}
	}
	apart := sideBySide(records)
	list := history.Trajectories(only(records, func(r roofline.Run) bool { return !apart[history.Key(r)] }), in.floor)
	seen := map[string]bool{}
	for _, rec := range records {
		if rec.Result == nil {
			continue
		}
		for _, run := range rec.Result.Runs {
			if id := run.ID(); apart[history.Key(run)] && !seen[id] {
				seen[id] = true
				one := history.Trajectories(only(records, func(r roofline.Run) bool { return r.ID() == id }), in.floor)
				one[0].Key = id
				list = append(list, one[0])
			}
		}
	}
	return list
}

// sideBySide has the keys of kernels of which one measurement holds several variants.
func sideBySide(records []*session.Record) map[string]bool {
	apart := map[string]bool{}
	for _, rec := range records {
		if rec.Result == nil {
			continue
		}
		seen := map[string]bool{}
		for _, run := range rec.Result.Runs {
			key := history.Key(run)
			apart[key] = apart[key] || seen[key]
			seen[key] = true
		}
	}
	return apart
}

// only returns the records with the runs that f wants. A record without any stays, so that the others keep their numbers.
func only(records []*session.Record, f func(roofline.Run) bool) []*session.Record {
	out := make([]*session.Record, len(records))
	for i, rec := range records {
		copied := *rec
		if rec.Result != nil {
			res := *rec.Result
			res.Runs = nil
			for _, run := range rec.Result.Runs {
				if f(run) {
					res.Runs = append(res.Runs, run)
				}
			}
			copied.Result = &res
		}
		out[i] = &copied
	}
	return out
}
