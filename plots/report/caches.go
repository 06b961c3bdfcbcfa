package report

import (
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// cacheView is a level with each array's part of its traffic.
type cacheView struct {
	Level string // with its size
	Rows  []cacheRow
}

// cacheRow is one array, or all of them.
type cacheRow struct {
	Array    string
	Size     string
	Total    bool
	Lookups  string
	Misses   string
	Rate     string // misses ÷ lookups
	Conflict string // of the misses
	Back     string
	Bytes    string
	Kinds    []bar  // conflict, capacity and other misses, of all misses of the level
	Words    string // the same
}

// caches shows the levels that had traffic; idle names the others.
func caches(levels []roofline.CacheLevel) (views []cacheView, idle string) {
	for _, l := range levels {
		if l.Total.Accesses == 0 && l.Total.Bytes == 0 {
			idle += ", " + l.Level
			continue
		}
		v := cacheView{Level: l.Level}
		if l.Size > 0 {
			v.Level += ", " + units.Bytes(l.Size)
		}
		memory := l.Level == "DRAM" // what it is asked for it has
		total := cacheRowOf("all", l.Total, l.Total.Misses, memory)
		total.Total = true
		v.Rows = append(v.Rows, total)
		for _, a := range l.Arrays {
			if a.Accesses == 0 && a.Bytes == 0 {
				continue
			}
			row := cacheRowOf(a.Array, a.CacheCounts, l.Total.Misses, memory)
			if a.Size > 0 {
				row.Size = units.Bytes(a.Size)
			}
			v.Rows = append(v.Rows, row)
		}
		views = append(views, v)
	}
	if idle != "" {
		idle = idle[2:]
	}
	return views, idle
}

func cacheRowOf(name string, c roofline.CacheCounts, all float64, memory bool) cacheRow {
	row := cacheRow{Array: name, Lookups: si(c.Accesses, ""), Misses: "–", Rate: "–", Conflict: "–", Back: si(c.WriteBacks, ""), Bytes: si(c.Bytes, "B")}
	if memory {
		return row
	}
	row.Misses = si(c.Misses, "")
	if c.Accesses > 0 {
		row.Rate = percentOrNone(c.Misses / c.Accesses)
	}
	if c.Misses > 0 {
		row.Conflict = percentOrNone(c.Conflict / c.Misses)
	}
	row.Words = "conflict " + si(c.Conflict, "") + ", capacity " + si(c.Capacity, "") + ", other " + si(c.Other, "")
	if all > 0 {
		at := 0.0
		for _, k := range []struct {
			n     float64
			class string
		}{{c.Conflict, "conflict"}, {c.Capacity, "capacity"}, {c.Other, "other"}} {
			if k.n > 0 {
				row.Kinds = append(row.Kinds, piece(at/all, (at+k.n)/all, k.class))
			}
			at += k.n
		}
	}
	return row
}

// percentOrNone is a counted share, which may well be none.
func percentOrNone(f float64) string {
	if f == 0 {
		return "0 %"
	}
	return plots.Percent(f)
}
