package helper

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/roofline/native"
)

// Kind is what became of a process that has no result.
type Kind string

// The kinds.
const (
	Refused Kind = "not measured" // the object or the function cannot be used
	Crashed Kind = "crashed"
	Hung    Kind = "hung"
	Wrong   Kind = "wrong result"
	Ended   Kind = "ended early" // without an answer
)

// Failure says why a function was not measured.
type Failure struct {
	Kind   Kind
	Phase  native.Phase
	Text   string        // what happened, in a sentence
	Cure   string        // what to do about it; may be empty
	Wrong  *native.Wrong // of a wrong result
	Fault  *Fault        // of a crash that the processor found
	Output string        // the end of what it printed; may be empty
}

// Error is the failure in one line.
func (f *Failure) Error() string {
	text := f.headline() + ": " + f.Text
	if f.Cure != "" {
		text += " (" + f.Cure + ")"
	}
	return text
}

func (f *Failure) headline() string {
	if f.Phase == "" || f.Kind == Wrong || f.Kind == Refused {
		return string(f.Kind)
	}
	return string(f.Kind) + " while " + string(f.Phase)
}

// Block is the failure as a short block of lines, without a newline at the end.
func (f *Failure) Block() string {
	lines := []string{f.headline(), "  " + f.Text}
	if f.Cure != "" {
		lines = append(lines, "  "+f.Cure)
	}
	if f.Output != "" {
		lines = append(lines, "  it printed:")
		for line := range strings.SplitSeq(f.Output, "\n") {
			lines = append(lines, "    "+line)
		}
	}
	return strings.Join(lines, "\n")
}

// wrongText words a wrong result: how wrong, and where first.
func wrongText(w *native.Wrong) string {
	var parts []string
	if w.Count > 0 || w.Compared == 0 {
		size := "not a number, or infinite"
		if w.MaxError != nil {
			size = fmt.Sprintf("%.3g", *w.MaxError)
		}
		text := fmt.Sprintf("the largest error is %s against the %s, the tolerance %.3g", size, w.Against, w.Tolerance)
		if w.Compared > 0 {
			text += fmt.Sprintf("; %d of %d elements are wrong", w.Count, w.Compared)
		}
		parts = append(parts, text)
	}
	if w.Count > 0 || w.Index != nil {
		got := "NaN (not written?)"
		if w.Got != nil {
			got = fmt.Sprintf("%.9g", *w.Got)
		}
		if w.Index != nil {
			parts = append(parts, fmt.Sprintf("first %s%s = %s, want %.9g", w.Operand, index(w.Index), got, w.Want))
		} else {
			parts = append(parts, fmt.Sprintf("%s is %s, want %.9g", w.Operand, got, w.Want))
		}
	}
	if w.Note != "" {
		parts = append(parts, w.Note)
	}
	return strings.Join(parts, "; ")
}

func index(list []int) string {
	var b strings.Builder
	for _, i := range list {
		fmt.Fprintf(&b, "[%d]", i)
	}
	return b.String()
}
