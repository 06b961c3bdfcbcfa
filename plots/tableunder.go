package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// furthest is the index of the run that reaches the least share of its roof, where several have one; else -1.
func furthest(rows []row) int {
	worst, known := -1, 0
	for i, r := range rows {
		if r.run.Bound == nil || !(r.run.Bound.Fraction > 0) {
			continue
		}
		known++
		if worst < 0 || r.run.Bound.Fraction < rows[worst].run.Bound.Fraction {
			worst = i
		}
	}
	if known < 2 {
		return -1
	}
	return worst
}

// furthestFirst orders more than a few runs by the share of their roof that they reach, those that have none last.
func furthestFirst(rows []row) []row {
	if len(rows) <= fewRuns {
		return rows
	}
	return sortedBy(rows, func(r row) float64 {
		if r.run.Bound == nil {
			return math.Inf(1)
		}
		return r.run.Bound.Fraction
	})
}

// reasonsText says why a run is where it is: of few runs for each, of many for the ones furthest from their roofs.
func reasonsText(res *roofline.Result, rows []row, limit int) string {
	var out strings.Builder
	names := tableNames(res.Runs)
	var told []row
	for _, r := range rows {
		if r.why() != "" {
			told = append(told, r)
		}
	}
	left := 0
	told = furthestFirst(told)
	if len(told) > fewRuns {
		left = len(told) - mostReasons
		told = told[:mostReasons]
	}
	for i, r := range told {
		if i == 0 {
			out.WriteString("\n")
		}
		name := strings.TrimSpace(oneLine(names[r.number-1] + " " + sizeOf(r.run.Shape)))
		out.WriteString(strings.Join(wrap(name+": "+oneLine(r.why()), limit-2), "\n  ") + "\n")
	}
	if left > 0 {
		out.WriteString(strings.Join(wrap(fmt.Sprintf("These are the furthest from their roofs; %d more: roofline explain KERNEL, or the report.", left), limit), "\n") + "\n")
	}
	return out.String()
}

// comparedText relates the sources of counts: all of their common quantities for few runs, of more only the executed
// FLOPs to those of the algorithm.
func comparedText(res *roofline.Result, rows []row, limit int) string {
	var out strings.Builder
	var executed []string
	same := 0 // runs that execute what their algorithm asks for
	names := tableNames(res.Runs)
	for i, r := range rows {
		name := strings.TrimSpace(oneLine(names[i] + " " + sizeOf(r.run.Shape)))
		if ratio, ok := r.run.ExecutedOverAlgorithmic(); ok {
			if text := fmt.Sprintf("%.3g", ratio); text != "1" {
				executed = append(executed, name+" "+text)
			} else {
				same++
			}
		}
		if list := r.run.ComparedSources(); len(list) > 0 && len(rows) <= fewRuns {
			out.WriteString(strings.Join(wrap("sources, "+name+": "+strings.Join(list, "; "), limit-2), "\n  ") + "\n")
		}
	}
	if len(rows) > fewRuns && len(executed)+same > 0 {
		if same > 0 {
			executed = append(executed, "of the others 1")
		}
		out.WriteString(strings.Join(wrap("executed/algorithmic FLOPs: "+strings.TrimPrefix(strings.Join(executed, ", "), "of the others "), limit-2), "\n  ") + "\n")
	}
	if out.Len() == 0 {
		return ""
	}
	return "\n" + out.String()
}

// legendText explains the signs and letters of the columns that are shown; head is the heading of the table.
func legendText(rows []row, head []string, marked bool, limit int) string {
	names := map[byte]string{'a': "analytic", 'p': "pmu", 'i': "instrumented", 's': "simulated", 'o': "operating system"}
	var seen []string
	for _, r := range rows {
		for _, l := range []byte(sources(r)) {
			if n := names[l]; n != "" && !slices.Contains(seen, string(l)+" "+n) {
				seen = append(seen, string(l)+" "+n)
			}
		}
	}
	var parts []string
	if head[colPM] != "" {
		parts = append(parts, "± half of the 95 % interval")
	}
	parts = append(parts, "roof: share of the attainable rate")
	if marked {
		parts[len(parts)-1] += ", <== the least"
	}
	if long := "G" + operationOf(rows) + "/s"; head[colRate] != long {
		parts = append(parts, head[colRate]+": "+long)
	}
	if mixed(rows) {
		parts = append(parts, "OP: operation (a FLOP but for int8)")
	}
	if len(seen) > 0 && head[colSource] != "" {
		parts = append(parts, "src: "+strings.Join(seen, ", "))
	}
	if head[colSize] != "" && slices.ContainsFunc(rows, func(r row) bool { return r.run.Shape.H > 0 }) {
		parts = append(parts, "attention size: heads×queries×keys×d, c causal")
	}
	return strings.Join(wrap(strings.Join(parts, "; "), limit), "\n") + "\n"
}
