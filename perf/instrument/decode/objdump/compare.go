package objdump

import (
	"errors"
	"strings"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// Verdict is the outcome of a comparison.
type Verdict int

// The verdicts. Explained ones carry the name of a Category.
const (
	Same             Verdict = iota // length, mnemonic and operands agree
	Explained                       // they differ for a reason that is known and listed
	LengthMismatch                  // another length
	OperandMismatch                 // same length, other operands
	MnemonicMismatch                // same operands, another name
	RefusedMismatch                 // refused without a listed reason
	AcceptedMismatch                // decoded, but objdump calls it bad
)

var verdictText = [...]string{"same", "explained", "length mismatch", "operand mismatch", "mnemonic mismatch", "refused", "accepted"}

func (v Verdict) String() string { return verdictText[v] }

// Result says how an instruction compared.
type Result struct {
	Verdict  Verdict
	Category string // of Explained
	Inst     decode.Inst
	Ours     string // our text, where it matters
}

// Compare decodes the line's bytes, followed by more (filler), and compares the result with the line's text.
func Compare(l Line, more []byte) (r Result) {
	if r.Category = explainBad(l); r.Category != "" {
		r.Verdict = Explained
		return r
	}
	code := append(append(make([]byte, 0, 64), l.Code...), more...)
	return compare(l, code)
}

// CompareSlot compares the instruction at the start of slot, whose bytes are all known: what objdump refuses must be
// refused here too.
func CompareSlot(l Line, slot []byte) (r Result) {
	if r.Category = explainBad(l); r.Category == "" {
		r = compare(l, slot)
		if r.Verdict == RefusedMismatch {
			if r.Category = explainStrict(l, slot); r.Category != "" {
				r.Verdict = Explained
			}
		}
		return r
	}
	r.Verdict = Explained
	if err := decode.DecodeInto(&r.Inst, slot, l.Addr); err == nil {
		r.Ours = r.Inst.String()
		r.Verdict = AcceptedMismatch
		if r.Category = explainAccepted(l, &r.Inst); r.Category != "" {
			r.Verdict = Explained
		}
	}
	return r
}

func compare(l Line, code []byte) (r Result) {
	err := decode.DecodeInto(&r.Inst, code, l.Addr)
	if err != nil {
		r.Ours = err.Error()
		r.Verdict = RefusedMismatch
		var unknown *decode.UnknownError
		errors.As(err, &unknown)
		if r.Category = explainRefusal(l, unknown); r.Category != "" {
			r.Verdict = Explained
		}
		return r
	}
	r.Ours = r.Inst.String()
	if int(r.Inst.Len) != len(l.Code) {
		r.Verdict = LengthMismatch
		if r.Category = explainLength(l, &r.Inst); r.Category != "" {
			r.Verdict = Explained
		}
		return r
	}
	theirs := normalize(l.Text)
	if theirs == r.Ours {
		return r
	}
	name, operands, _ := strings.Cut(theirs, " ")
	if r.Inst.Control.Direct() {
		operands = strings.TrimPrefix(operands, "0x")
	}
	ourName, ourOperands := expected(&r.Inst, operands)
	switch {
	case sameOperands(operands, ourOperands):
		if name == ourName || sameName(name, ourName) {
			return r
		}
		r.Verdict = MnemonicMismatch
	default:
		r.Verdict = OperandMismatch
	}
	if r.Category = explainText(name, operands, &r.Inst); r.Category != "" {
		r.Verdict = Explained
	}
	return r
}
