package cache

import "testing"

func TestInvented(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	levels := func(l1, l1Ways, l2, l2Ways, l3, l3Ways int) []Level {
		list := []Level{{Level: 1, Bytes: int64(l1), Ways: l1Ways, Source: Sysfs}, {Level: 2, Bytes: int64(l2), Ways: l2Ways, Source: Sysfs}}
		if l3 > 0 {
			list = append(list, Level{Level: 3, Bytes: int64(l3), Ways: l3Ways, Source: Sysfs})
		}
		return list
	}
	for _, tt := range []struct {
		name, hypervisor string
		levels           []Level
		want             bool
	}{
		{"QEMU", "KVM", levels(32*kib, 8, 4*mib, 16, 16*mib, 16), true},
		{"QEMU without L3", "KVM", levels(32*kib, 8, 4*mib, 16, 0, 0), true},
		{"QEMU on AMD", "KVM", levels(64*kib, 2, 512*kib, 16, 16*mib, 16), true},
		{"QEMU on AMD without L3", "QEMU TCG", levels(64*kib, 2, 512*kib, 16, 0, 0), true},
		{"a small core of its own", "", levels(32*kib, 8, 4*mib, 16, 0, 0), false},
		{"Sapphire Rapids", "KVM", levels(48*kib, 12, 2*mib, 16, 105*mib, 15), false},
		{"Cascade Lake", "KVM", levels(32*kib, 8, 1*mib, 16, 36608*kib, 11), false},
		{"Sierra Forest", "KVM", levels(32*kib, 8, 4*mib, 16, 108*mib, 12), false},
		{"Zen 2", "KVM", levels(32*kib, 8, 512*kib, 8, 16*mib, 16), false},
		{"nothing", "KVM", nil, false},
	} {
		if got := Invented(tt.levels, tt.hypervisor); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
