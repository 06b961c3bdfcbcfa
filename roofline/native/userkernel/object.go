package userkernel

// Object is a loaded shared object.
type Object interface {
	// Symbol is the address of a symbol.
	Symbol(name string) (uintptr, error)
	// Bind prepares a call of the function at an address with fixed arguments. Neither call nor result allocates where the
	// architecture allows it.
	Bind(addr uintptr, args []Arg, returns Kind) (call func(), result func() uint64)
}

// Call is a function at an address with its arguments.
type Call struct {
	Addr uintptr
	Args []Arg
}

// Kind is how a value is passed.
type Kind int

// The kinds.
const (
	Int   Kind = iota // integers and pointers; as a result: none, or an integer
	Float             // float
	Double
)

// Arg is an argument: its bits, those of a float32 in the lower half.
type Arg struct {
	Kind Kind
	Bits uint64
}
