package report

import (
	"fmt"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// mixRow is a class of executed instructions.
type mixRow struct {
	Class, Width string
	Instructions string
	Share        string
	Bar          bar
	FLOPs        string
}

func mix(entries []roofline.MixEntry) (rows []mixRow) {
	for _, e := range entries {
		row := mixRow{Class: e.Class, Width: orText(e.Width, "–"), Instructions: si(e.Instructions, ""), Share: plots.Percent(e.Share),
			Bar: share(e.Share, "w"+e.Width), FLOPs: "–"}
		if e.FLOPs > 0 {
			row.FLOPs = si(e.FLOPs, "FLOP")
		}
		rows = append(rows, row)
	}
	return rows
}

// blockRow is a basic block of hot code.
type blockRow struct {
	Name       string
	Executions string
	Share      string
	Bar        bar
	FLOPs      string
	Bytes      string
	AI         string
	Code       []string
}

func blocks(list []roofline.Block) (rows []blockRow) {
	for _, b := range list {
		row := blockRow{Name: fmt.Sprintf("%s+%#x", b.Function, b.Offset), Executions: si(b.Executions, ""), Share: plots.Percent(b.Share),
			Bar: share(b.Share, "busy"), FLOPs: si(b.FLOPs, "FLOP"), Bytes: si(b.Bytes, "B"), AI: "–", Code: b.Code}
		if b.FLOPs > 0 && b.Bytes > 0 {
			row.AI = plots.Significant(b.FLOPs/b.Bytes, 3)
		}
		rows = append(rows, row)
	}
	return rows
}
