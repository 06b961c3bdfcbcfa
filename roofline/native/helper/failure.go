package helper

import (
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
