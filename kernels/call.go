package kernels

// call is a call of assembly with its arguments, which stay as they are.
type call[A any] struct {
	run  func(*A)
	args A
}
