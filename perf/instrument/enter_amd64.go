package instrument

// enter calls code that is not Go's.
func enter(fn uintptr)

// exit is jumped to by copies, never called.
//
//lint:ignore U1000 assembly takes its address
func exit()

// exitPC is the address of exit.
func exitPC() uintptr

// mxcsr reads the control and status word of SSE.
func mxcsr() uint32
