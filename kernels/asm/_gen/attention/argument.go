package main

import "github.com/roofline-go/roofline/kernels/asm/gen/address"

// argument is that of AttentionBlocks.
var argument = address.Argument{
	"K *byte", "LdK int", "V *byte", "LdV int", "Keys int", "Block int", "Now int", "D int", "Qt *byte", "St *float32",
	"Ot *float32", "State *float32", "Diagonal int", "Valid int", "First int", "Scale float32",
	"Fetch *struct{From uintptr; Left int; Turns uint64}", "Then int", "Left int", "Before *float32", "Weighed int",
	"VBefore *byte", "OtBefore *float32", "FirstBefore int", "StateBefore *float32", "Weights *float32", "Spare *float32", "Done int", "VDone *byte",
	"OtDone *float32", "FirstDone int", "Pending *byte", "Unused *byte",
	"O *byte", "LdO int", "OBefore *byte", "ODone *byte", "StateDone *float32",
}
