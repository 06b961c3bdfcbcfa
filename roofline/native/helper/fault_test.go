package helper

import (
	"testing"

	"github.com/roofline-go/roofline/roofline/native"
)

func TestParseFault(t *testing.T) {
	for _, c := range []struct {
		text string
		want *Fault
	}{
		{"hello\nSIGSEGV: segmentation violation\nPC=0x7f00 m=6 sigcode=2 addr=0x10\nsignal arrived\n", &Fault{"SIGSEGV", 0x10, true, 0x7f00, 2}},
		{"SIGILL: illegal instruction\nPC=0x7f01 m=6 sigcode=2\n", &Fault{Signal: "SIGILL", PC: 0x7f01, Code: 2}},
		{"SIGABRT: abort\nPC=0x1 m=0 sigcode=18446744073709551610\n", &Fault{Signal: "SIGABRT", PC: 1, Code: 1<<64 - 6}},
		{"panic: x\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x8 pc=0x47]\n", &Fault{"SIGSEGV", 8, true, 0x47, 1}},
		{"SIGSEGV: I only say so\n", nil},
		{"", nil},
	} {
		got := parseFault(c.text)
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
	}
}

func TestNear(t *testing.T) {
	operands := []native.Range{{Name: "A", Begin: 0x10000, Bytes: 0x100}, {Name: "C", Begin: 0x20000, Bytes: 0x100}}
	for addr, want := range map[uint64]string{
		0x10100: ", 0 bytes behind the end of A", 0x1ffff: ", 1 bytes before C", 0x20010: ", inside C",
		8: ", near NULL", 1 << 40: "",
	} {
		if addr == 8 {
			operands := operands[:0]
			if got := near(addr, operands); got != want {
				t.Errorf("%#x: %q, want %q", addr, got, want)
			}
			continue
		}
		if got := near(addr, operands); got != want {
			t.Errorf("%#x: %q, want %q", addr, got, want)
		}
	}
}
