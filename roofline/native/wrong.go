package native

import (
	"fmt"
	"strings"
)

// Wrong is how a result differs from the reference.
type Wrong struct {
	Against   string   `json:"against"`
	MaxError  *float64 `json:"max_error"` // null: not a number, or infinite
	Tolerance float64  `json:"tolerance"`
	Operand   string   `json:"operand,omitempty"`
	Index     []int    `json:"index,omitempty"` // of the first wrong element
	Got       *float64 `json:"got,omitempty"`   // null: not a number
	Want      float64  `json:"want,omitempty"`
	Count     int      `json:"count,omitempty"`    // of wrong elements among those compared; 0: not counted
	Compared  int      `json:"compared,omitempty"` // elements
	Note      string   `json:"note,omitempty"`     // what was wrong beside the values
}

// String says how wrong a result is, and where first.
func (w *Wrong) String() string {
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

// ProtectionFault is said behind SIGSEGV where the processor refused an access and tells no address.
const ProtectionFault = " at an address that no memory has (not a canonical one), or one that is not aligned as the instruction needs it"
