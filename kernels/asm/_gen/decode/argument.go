package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
)

// argument is that of DecodeKeys.
var argument = address.Argument{
	"Q *byte", "K *byte", "LdK int", "KScale *float32", "V *byte", "LdV int", "VScale *float32", "Keys int", "D int", "St *float32",
	"Sums *int32", "First int", "Out *float32", "Scale float32", "O *float32", "State *float32", "Next int", "Now int", "NextK int",
	"NextScale int", "NowV int", "NowScale int", "Skip int", "Block int", "Ahead int",
	"Infinite int",
}

// field is a field of the argument. Its address is loaded each time: registers are for the rows.
func field(name string) Mem {
	p := GP64()
	Load(Param("p"), p)
	return argument.Field(p, name)
}

// get loads a field.
func get(name string) reg.GPVirtual {
	r := GP64()
	MOVQ(field(name), r)
	return r
}
