package tileemu

import "fmt"

// Kind is what a processor would raise.
type Kind uint8

// The kinds of faults.
const (
	Undefined  Kind = iota // #UD: the program gets SIGILL
	Protection             // #GP: the program gets SIGSEGV
	Access                 // #PF: the memory cannot be reached; the program gets SIGSEGV
)

func (k Kind) String() string { return [...]string{"#UD", "#GP", "#PF", "?"}[min(k, 3)] }

// Fault says why an instruction was not executed. No tile has changed then.
type Fault struct {
	Kind Kind
	Why  string
}

func (f *Fault) Error() string { return f.Kind.String() + ": " + f.Why }

func undefined(format string, args ...any) error {
	return &Fault{Undefined, fmt.Sprintf(format, args...)}
}

func protection(format string, args ...any) error {
	return &Fault{Protection, fmt.Sprintf(format, args...)}
}

// UnsupportedError says that no program can be emulated here.
type UnsupportedError struct {
	What string // "tiles": the kernel refuses ptrace
	Err  error
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("emulate tiles: this machine lets no program be traced: %v", e.Err)
}

// Unsupported returns what is missing.
func (e *UnsupportedError) Unsupported() string { return e.What }

func (e *UnsupportedError) Unwrap() error { return e.Err }
