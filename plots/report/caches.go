package report

import (
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// cacheView is a level with each array's share of its misses.
type cacheView struct {
	Level string
	Rows  []cacheRow
}

// cacheRow is one array, or all of them.
type cacheRow struct {
	Array    string
	Total    bool
	Accesses string
	Misses   string
	Rate     string // misses ÷ accesses
	Bytes    string
	Conflict string
	Kinds    []bar // conflict, capacity, other; of the level's misses
	Title    string
}

func caches(levels []roofline.CacheLevel) (views []cacheView) {
	for _, l := range levels {
		v := cacheView{Level: l.Level}
		for _, a := range l.Arrays {
			v.Rows = append(v.Rows, cacheRowOf(a.Array, a.CacheCounts, l.Total.Misses))
		}
		total := cacheRowOf("all", l.Total, l.Total.Misses)
		total.Total = true
		v.Rows = append(v.Rows, total)
		views = append(views, v)
	}
	return views
}

func cacheRowOf(name string, c roofline.CacheCounts, all float64) cacheRow {
	row := cacheRow{Array: name, Accesses: si(c.Accesses, ""), Misses: si(c.Misses, ""), Rate: "–", Bytes: si(c.Bytes, "B"), Conflict: "–"}
	if c.Accesses > 0 {
		row.Rate = plots.Percent(c.Misses / c.Accesses)
	}
	if c.Misses == 0 {
		row.Rate = "0 %"
	} else {
		row.Conflict = plots.Percent(c.Conflict / c.Misses)
		if c.Conflict == 0 {
			row.Conflict = "0 %"
		}
	}
	if all > 0 {
		at := 0.0
		for _, k := range []struct {
			n     float64
			class string
		}{{c.Conflict, "conflict"}, {c.Capacity, "capacity"}, {c.Other, "other"}} {
			row.Kinds = append(row.Kinds, piece(at/all, (at+k.n)/all, k.class))
			at += k.n
		}
	}
	row.Title = "conflict " + si(c.Conflict, "") + ", capacity " + si(c.Capacity, "") + ", other " + si(c.Other, "")
	return row
}
