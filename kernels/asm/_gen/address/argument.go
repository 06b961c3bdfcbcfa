// Package address names memory as generated functions see it: the fields of their argument, and rows that lie a distance apart.
package address

import (
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Argument is the fields of the struct that a function is given a pointer to, in order and as Go writes them: "A *byte". Each takes 8
// bytes, or is followed by one that does, or is the last. The compiler checks that they agree with the type in package asm.
type Argument []string

// Signature is that of the functions, which have one parameter p.
func (a Argument) Signature() string { return "func(p *struct{" + strings.Join(a, "; ") + "})" }

// Offset is where a field lies.
func (a Argument) Offset(name string) int {
	i := slices.IndexFunc(a, func(field string) bool { return strings.HasPrefix(field, name+" ") })
	if i < 0 {
		panic("no field " + name)
	}
	return 8 * i
}

// Field is a field of the argument at p.
func (a Argument) Field(p reg.Register, name string) operand.Mem {
	return operand.Mem{Base: p, Disp: a.Offset(name)}
}
