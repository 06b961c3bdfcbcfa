package report

import (
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// trafficRow is what a level served in one call, and how long its measured bandwidth needs for that at least.
type trafficRow struct {
	Level  string
	Bytes  cell
	Bar    bar // of the most that any level served
	Misses string
	Roof   string // the bandwidth compared with
	Busy   string // least time ÷ measured time
	BusyAt bar
}

func traffic(r roofline.Run, ceilings []roofline.Ceiling) (rows []trafficRow) {
	most := 0.0
	for _, level := range roofline.Levels {
		c, _ := r.Count(roofline.Bytes(level))
		most = max(most, c.Value)
	}
	if most == 0 {
		return nil
	}
	for _, level := range roofline.Levels {
		row := trafficRow{Level: level, Bytes: countCell(r, roofline.Bytes(level), "B"), Misses: "–", Roof: "–", Busy: "–"}
		if m := countCell(r, perf.Quantity("misses."+level), ""); level != "DRAM" {
			row.Misses = m.Text
		}
		if c, ok := r.Count(roofline.Bytes(level)); ok {
			row.Bar = share(c.Value/most, "")
			if roof, ok := r.BandwidthRoof(ceilings, level); ok && r.Time.Median > 0 {
				busy := c.Value / roof.Value.Median / r.Time.Median
				row.Roof, row.Busy, row.BusyAt = level+" "+roof.Op+" "+si(roof.Value.Median, "B/s"), plots.Percent(busy), share(busy, "")
				if c.Value == 0 {
					row.Busy = "0 %"
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}
