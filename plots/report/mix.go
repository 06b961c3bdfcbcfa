package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// mixRow is a class of executed instructions.
type mixRow struct {
	Class        string
	Width        string
	Instructions string
	Share        string
	Bar          bar
	FLOPs        string
	Lanes        string // share of the lanes that were on, where not all were
}

// mix shows the classes that matter, and counts those that do not.
func mix(entries []roofline.MixEntry) (rows []mixRow, rare int) {
	for _, e := range entries {
		if e.Share < 0.001 && e.FLOPs == 0 {
			rare++
			continue
		}
		row := mixRow{Class: e.Class, Width: orText(e.Width, "–"), Instructions: si(e.Instructions, ""), Share: plots.Percent(e.Share), Bar: share(e.Share, "")}
		if e.DType != "" {
			row.Class += " " + e.DType
		}
		if e.FLOPs > 0 {
			row.FLOPs = si(e.FLOPs, roofline.Operation(e.DType))
		}
		if e.Full > 0 && e.FLOPs > 0 {
			row.Lanes = plots.Percent(e.FLOPs/e.Full) + " of the lanes"
		}
		rows = append(rows, row)
	}
	return rows, rare
}

// workers says how evenly threads shared the instructions; "" for one.
func workers(instructions []float64) string {
	if len(instructions) < 2 {
		return ""
	}
	least, most := slices.Min(instructions), slices.Max(instructions)
	return fmt.Sprintf("%d threads executed %s to %s instructions each.", len(instructions), si(least, ""), si(most, ""))
}

// blockRow is a basic block of hot code.
type blockRow struct {
	Name       string // without the path of its package
	Full       string
	Executions string
	Share      string
	Bar        bar
	Work       string
	AI         string
	Chain      string // of a loop: what no width of the core can shorten
	Code       []string
}

const (
	mostBlocks = 4
	cold       = 0.03 // share of the instructions from which on a block is worth showing
)

func blocks(list []roofline.Block, operation string) (rows []blockRow) {
	for i, b := range list {
		if i >= mostBlocks || i > 0 && b.Share < cold {
			break
		}
		full := fmt.Sprintf("%s+%#x", b.Function, b.Offset)
		row := blockRow{Name: full[strings.LastIndexByte(full, '/')+1:], Full: full, Executions: si(b.Executions, ""), Share: plots.Percent(b.Share), Bar: share(b.Share, ""),
			Work: fmt.Sprintf("%s, %s between core and L1, %s loads and %s stores per call.", si(b.FLOPs, operation), si(b.Bytes, "B"), si(b.Loads, ""), si(b.Stores, "")), AI: "–", Code: b.Code}
		if b.FLOPs > 0 && b.Bytes > 0 {
			row.AI = plots.Significant(b.FLOPs/b.Bytes, 3)
		}
		if l := b.Loop; l != nil && l.Cycles > 0 {
			row.Chain = fmt.Sprintf("A loop: each iteration waits at least %.3g cycles for the one before.", l.Cycles)
		}
		rows = append(rows, row)
	}
	return rows
}
