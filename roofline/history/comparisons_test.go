package history

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/session"
)

func TestComparisons(t *testing.T) {
	report, err := json.Marshal(compare.Report{Comparisons: []compare.Comparison{{ID: "a → b", Verdict: compare.Verdict{Outcome: compare.Faster, Text: "faster by 3.0 %"}}},
		Gate: compare.DefaultGate.Judge(&compare.Report{Lost: []string{"c"}})})
	if err != nil {
		t.Fatal(err)
	}
	record := func(kind session.Kind, note string) *session.Record {
		r := session.NewRecord(kind)
		r.Note = note
		if kind == session.Compare {
			r.Compare = report
		}
		return r
	}
	damaged := record(session.Compare, "")
	damaged.Compare = json.RawMessage(`[1]`)
	list, loose, skipped := Comparisons([]*session.Record{
		record(session.Start, ""), record(session.Note, "the plan"), record(session.Compare, ""), record(session.Note, "why"),
		record(session.Measure, ""), record(session.Note, "of the measurement"), damaged,
	})
	if len(list) != 1 || strings.Join(list[0].Notes, ";") != "why" || strings.Join(loose, ";") != "the plan" || len(skipped) != 1 {
		t.Fatalf("%d comparisons, %q loose, %v", len(list), loose, skipped)
	}
	var b strings.Builder
	if err := WriteComparisons(&b, list); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"compared live", "a → b: faster by 3.0 %", "note: why", "gate: inconclusive", "it is not in new"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %q in\n%s", part, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(line); n > 81 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	b.Reset()
	if err := WriteComparisons(&b, nil); err != nil || b.Len() > 0 {
		t.Errorf("of none: %q, %v", b.String(), err)
	}
}
