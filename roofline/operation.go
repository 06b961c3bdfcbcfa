package roofline

// Units of work: floating-point operations, and operations of any kind, which floating-point ones are too.
const (
	FLOP = "FLOP"
	OP   = "OP"
)

// Operation is what one operation of a kernel of the type is called: OP for int8, whose kernels compute with integers, or with
// integers and floating-point numbers as decode does on a cache of int8, else FLOP. Every unit of work (FLOP, FLOP/s, FLOP/B or OP,
// OP/s, OP/B) begins with it.
func Operation(dtype string) string {
	if dtype == "int8" {
		return OP
	}
	return FLOP
}

// Operation is what one operation of the run is called.
func (r Run) Operation() string { return Operation(r.DType) }
