package instrument

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// A fault in a copy is an error that names the original instruction, in either mode, and everything goes on.
func TestFaultNamesTheInstruction(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	src := make([]float32, 64)
	for _, mode := range []rewrite.Mode{rewrite.Count, rewrite.Trace} {
		instrumented(t, Options{Mode: mode, ABI: blocks.GoABI0}, func(_ *Program, th *Thread) {
			for range 3 {
				dst := testkit.GuardedPage[float32](t, 16)
				err := th.Run(func() { asm.CopyAVX2F32(&dst[0], &src[0], 64) })
				var fault *FaultError
				if !errors.As(err, &fault) {
					t.Fatalf("copy past the end: %v, want a *FaultError", err)
				}
				guard := uint64(uintptr(unsafe.Pointer(&dst[15]))) + 4
				if fault.Signal != syscall.SIGSEGV || fault.Addr < guard || fault.Addr > guard+4096 {
					t.Errorf("signal %v at %#x, want a segmentation fault just behind %#x", fault.Signal, fault.Addr, guard)
				}
				if !strings.HasSuffix(fault.Function, ".CopyAVX2F32") || !strings.HasPrefix(fault.Text, "vmov") || len(fault.Bytes) < 4 {
					t.Errorf("instruction %q (% x) of %s", fault.Text, fault.Bytes, fault.Function)
				}
			}
			dst := make([]float32, 64)
			src[63] = 7
			if err := th.Run(func() { asm.CopyAVX2F32(&dst[0], &src[0], 64) }); err != nil || dst[63] != 7 {
				t.Errorf("after a fault: %v, copied %v", err, dst[63])
			}
		})
	}
}

// A panic of Go code between the calls is the caller's.
func TestPanicPassesThrough(t *testing.T) {
	instrumented(t, Options{Mode: rewrite.Count, ABI: blocks.GoABI0}, func(_ *Program, th *Thread) {
		defer func() {
			if v := recover(); v != "mine" {
				t.Errorf("recovered %v", v)
			}
			if err := th.Run(func() {}); err != nil {
				t.Errorf("after a panic: %v", err)
			}
		}()
		_ = th.Run(func() { panic("mine") })
	})
}

// Faults of Go code remain the runtime's.
func TestNilPointersStillPanic(t *testing.T) {
	instrumented(t, Options{Mode: rewrite.Count, ABI: blocks.GoABI0}, func(*Program, *Thread) {
		defer func() {
			if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "nil pointer") {
				t.Errorf("recovered %v", err)
			}
		}()
		var p *Program
		p.put++
	})
}
