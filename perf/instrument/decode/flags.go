package decode

import "strings"

// Flags is a set of bits of the RFLAGS register.
type Flags uint8

// The flags that instructions test or set. FlagOther stands for the system flags (IF, AC, …).
const (
	CF Flags = 1 << iota
	PF
	AF
	ZF
	SF
	OF
	DF
	FlagOther

	// Status is what an arithmetic instruction such as add overwrites.
	Status = CF | PF | AF | ZF | SF | OF
)

func (f Flags) String() string {
	var out []string
	for i, name := range []string{"CF", "PF", "AF", "ZF", "SF", "OF", "DF", "other"} {
		if f>>i&1 != 0 {
			out = append(out, name)
		}
	}
	return strings.Join(out, "|")
}
