package ccall

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/roofline/native"
)

// explain words the error of a counted call: what the function needs and cannot have, or which instruction failed.
func (t *target) explain(err error) error {
	var f *instrument.FaultError
	if !errors.As(err, &f) {
		return err
	}
	if f.PC == 0 {
		return &instrument.FinalError{Err: fmt.Errorf("%s: %w", crashed, err)}
	}
	if why := t.object.Explain(f.PC, f.Addr, strings.Contains(f.Text, "fs:")); why != "" {
		return &instrument.FinalError{Err: fmt.Errorf("%s %s", refused, why)}
	}
	what := unix.SignalName(f.Signal)
	if f.Signal == syscall.SIGSEGV || f.Signal == syscall.SIGBUS {
		if f.Protection() {
			what += native.ProtectionFault
		} else {
			what += fmt.Sprintf(" at address %#x%s", f.Addr, t.operandAt(f.Addr))
		}
	}
	if f.Signal == syscall.SIGILL {
		what += illegal(f.Text)
	}
	text := fmt.Sprintf("%s: %s in %s (% x, at %s)", crashed, what, f.Text, f.Bytes, t.where(f.PC))
	for _, note := range t.object.Notes(t.function.Addr) {
		if strings.Contains(note, "constructors") {
			text += "; " + note
		}
	}
	return &instrument.FinalError{Err: errors.New(text)}
}

// illegal says why an instruction that the decoder knows is none here.
func illegal(text string) string {
	if strings.HasPrefix(text, "ud") {
		return " (a trap, such as compilers set where code must not come)"
	}
	return " (an instruction that this CPU does not have)"
}
