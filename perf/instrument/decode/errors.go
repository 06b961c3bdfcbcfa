package decode

import "fmt"

// Reason says why bytes were refused.
type Reason uint8

// The reasons of a refusal.
const (
	Truncated   Reason = iota + 1 // the bytes end inside the instruction
	Invalid                       // no such opcode, or a form of it that processors reject
	TooLong                       // more than 15 bytes
	Ambiguous                     // processors of different makers read it differently (66-prefixed near branch)
	Unsupported                   // known to exist, deliberately not decoded (XOP, 3DNow!, REX2, far branches)
)

var reasonText = [...]string{
	Truncated: "bytes end inside the instruction", Invalid: "no known instruction", TooLong: "longer than 15 bytes",
	Ambiguous: "near branch with a 66 prefix: processors differ", Unsupported: "instruction set not supported",
}

func (r Reason) String() string {
	if int(r) < len(reasonText) && r > 0 {
		return reasonText[r]
	}
	return fmt.Sprintf("reason %d", uint8(r))
}

// UnknownError refuses an instruction: where, which bytes, why.
type UnknownError struct {
	PC     uint64
	Bytes  []byte // at most 15, a copy
	Reason Reason
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("decode instruction at %#x: %s (bytes % x)", e.PC, e.Reason, e.Bytes)
}
