package cpu

import (
	"math"
	"runtime"
	"testing"
)

// answers makes up a processor from its leaves; the others are 0.
func answers(leaves map[uint32]Regs) func(leaf, subleaf uint32) Regs {
	return func(leaf, _ uint32) Regs { return leaves[leaf] }
}

func TestStatedTSC(t *testing.T) {
	guest := Regs{ECX: 1 << 31}
	kvm := Regs{0x40000010, 0x4b4d564b, 0x564b4d56, 0x4d} // "KVMKVMKVM"
	for _, tt := range []struct {
		name   string
		leaves map[uint32]Regs
		want   float64
	}{
		{"ratio and crystal", map[uint32]Regs{0: {EAX: 0x1f}, 0x15: {2, 216, 24000000, 0}}, 2.592e9},
		{"ratio without a crystal", map[uint32]Regs{0: {EAX: 0x1f}, 0x15: {2, 216, 0, 0}}, 0},
		{"a leaf above the highest", map[uint32]Regs{0: {EAX: 0xd}, 0x15: {2, 216, 24000000, 0}}, 0},
		{"stated by KVM", map[uint32]Regs{0: {EAX: 0xd}, 1: guest, 0x40000000: kvm, 0x40000010: {EAX: 2599998}}, 2.599998e9},
		{"KVM without the leaf", map[uint32]Regs{0: {EAX: 0xd}, 1: guest, 0x40000000: {0x40000001, kvm.EBX, kvm.ECX, kvm.EDX}, 0x40000010: {EAX: 7}}, 0},
		{"another hypervisor's leaf", map[uint32]Regs{0: {EAX: 0xd}, 1: guest, 0x40000000: {EAX: 0x40000010, EBX: 0x7263694d}, 0x40000010: {EAX: 7}}, 0},
		{"no hypervisor", map[uint32]Regs{0: {EAX: 0xd}, 0x40000000: kvm, 0x40000010: {EAX: 7}}, 0},
	} {
		if got := statedTSC(answers(tt.leaves)); got != tt.want {
			t.Errorf("%s: %v Hz, want %v", tt.name, got, tt.want)
		}
	}
}

// What CPUID states and what is measured must be the same clock: off by 1 % is another one.
func TestMeasuredTSC(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("needs a time-stamp counter")
	}
	measured := measuredTSC()
	if stated := tscHz(); !(math.Abs(measured/stated-1) < 0.01) {
		t.Errorf("measured %g Hz, stated %g Hz", measured, stated)
	}
}

func TestHypervisorNames(t *testing.T) {
	for text, want := range map[string]string{"KVMKVMKVM": "KVM", "Microsoft Hv": "Hyper-V", "": "", "NewOne\x01": "NewOne"} {
		if got := hypervisorName(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := signature(Regs{EBX: 0x4b4d564b, ECX: 0x564b4d56, EDX: 0x4d}); got != "KVMKVMKVM" {
		t.Errorf("signature %q", got)
	}
}
