package cpu

import (
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/cpuid/v2"
)

// claim makes up the words of a processor with the named features and OSXSAVE.
func claim(names ...string) (w words) {
	w[leaf1ECX] = 1 << 27
	for _, f := range allFeatures {
		if slices.Contains(names, f.name) {
			w[f.reg] |= 1 << f.bit
		}
	}
	return w
}

// Made-up processors: what CPUID, XCR0 and the kernel say, and what must follow.
func TestCheck(t *testing.T) {
	all := []string{"sse2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_fp16", "avx512_bf16",
		"avx512_vnni", "avx512vbmi", "amx_tile", "amx_bf16", "amx_int8"}
	without := func(name string) words {
		return claim(slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == name })...)
	}
	const everything = xcr0AVX512 | xcr0AMX
	upTo512 := []ISA{Go, SSE, AVX2, AVX512, AVX512FP16, AVX512BF16, AVX512VNNI}
	for _, tt := range []struct {
		name    string
		raw     raw
		usable  []ISA
		isa     ISA // whose refusal must list and say:
		missing string
		why     string
	}{
		{"everything", raw{"amd64", claim(all...), everything, nil}, All(), "", "", ""},
		{"AMX refused by the kernel", raw{"amd64", claim(all...), everything, syscall.EPERM}, upTo512,
			AMXBF16, "amx_tile amx_bf16", "the kernel refused the permission for amx_tile, amx_bf16: operation not permitted"},
		{"no tile state in XCR0", raw{"amd64", claim(all...), xcr0AVX512, nil}, upTo512,
			AMXINT8, "amx_tile amx_int8", "XCR0 is 0xe6"},
		{"half of the tile state", raw{"amd64", claim(all...), xcr0AVX512 | 1<<17, nil}, upTo512,
			AMXINT8, "amx_tile amx_int8", "XCR0 is 0x200e6"},
		{"no AVX-512 state in XCR0", raw{"amd64", claim(all...), xcr0AVX, nil}, []ISA{Go, SSE, AVX2},
			AVX512, "avx512f avx512bw avx512dq avx512vl", "XCR0 is 0x6"},
		{"no state at all", raw{"amd64", claim(all...), 0, nil}, []ISA{Go, SSE},
			AVX2, "avx avx2 fma", "does not save the registers of avx, avx2, fma"},
		{"no FMA", raw{"amd64", without("fma"), everything, nil}, []ISA{Go, SSE}, AVX2, "fma", "the processor lacks fma"},
		{"no FP16", raw{"amd64", without("avx512_fp16"), everything, nil},
			[]ISA{Go, SSE, AVX2, AVX512, AVX512BF16, AVX512VNNI, AMXBF16, AMXINT8}, AVX512FP16, "avx512_fp16", "lacks avx512_fp16"},
		{"another architecture", raw{arch: "arm64"}, []ISA{Go}, SSE, "sse2", "arm64"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, isa := range All() {
				err := tt.raw.check(isa)
				if (err == nil) != slices.Contains(tt.usable, isa) {
					t.Errorf("%s: %v", isa, err)
				}
				if isa != tt.isa {
					continue
				}
				var e *UnavailableError
				if !errors.As(err, &e) || !errors.Is(err, errors.ErrUnsupported) || strings.Join(e.Missing, " ") != tt.missing || !strings.Contains(err.Error(), tt.why) {
					t.Errorf("%s: %v; want %q missing because %q", isa, err, tt.missing, tt.why)
				}
			}
		})
	}
}

// A few bits as the manuals number them, so that a slip in the table shows on machines without the feature.
func TestBits(t *testing.T) {
	for name, w := range map[string]words{
		"sse2": {leaf1EDX: 0x04000000}, "fma": {leaf1ECX: 0x00001000}, "avx": {leaf1ECX: 0x10000000}, "avx2": {leaf7EBX: 0x00000020},
		"avx512f": {leaf7EBX: 0x00010000}, "avx512dq": {leaf7EBX: 0x00020000}, "avx512bw": {leaf7EBX: 0x40000000},
		"avx512vl": {leaf7EBX: 0x80000000}, "avx512_vnni": {leaf7ECX: 0x00000800}, "avx512_fp16": {leaf7EDX: 0x00800000},
		"avx512_bf16": {leaf7s1EAX: 0x00000020}, "amx_bf16": {leaf7EDX: 0x00400000}, "amx_tile": {leaf7EDX: 0x01000000},
		"amx_int8": {leaf7EDX: 0x02000000}, "amx_fp16": {leaf7s1EAX: 0x00200000},
	} {
		r := raw{arch: "amd64", words: w, xcr0: xcr0AVX512 | xcr0AMX}
		if got := r.usableFeatures(); !slices.Equal(got, []string{name}) {
			t.Errorf("%s: its bit reads as %v", name, got)
		}
	}
}

// Leaves that a processor does not have must not be read: it would answer with another leaf.
func TestReadWords(t *testing.T) {
	for _, tt := range []struct{ highest, subleaves, want1, want7, want7s1 uint32 }{
		{0, 0, 0, 0, 0}, {6, 0, ^uint32(0), 0, 0}, {7, 0, ^uint32(0), ^uint32(0), 0}, {0x1f, 2, ^uint32(0), ^uint32(0), ^uint32(0)},
	} {
		w := readWords(func(leaf, subleaf uint32) Regs {
			r := Regs{^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0)}
			switch {
			case leaf == 0:
				r.EAX = tt.highest
			case leaf == 7 && subleaf == 0:
				r.EAX = tt.subleaves
			}
			return r
		})
		if w != (words{tt.want1, tt.want1, tt.want7, tt.want7, tt.want7, tt.want7s1}) {
			t.Errorf("%+v: %x", tt, w)
		}
	}
}

func TestUnknownISA(t *testing.T) {
	var e *UnavailableError
	if err := Usable("avx1024"); !errors.As(err, &e) || e.ISA != "avx1024" {
		t.Errorf("Usable(avx1024) = %v", err)
	}
}

func TestCapRefusesAndRestores(t *testing.T) {
	before := Usable(SSE)
	restore := Cap(Go)
	if Usable(SSE) == nil || Usable(Go) != nil {
		t.Error("a cap at go must refuse sse and allow go")
	}
	restore()
	if err := Usable("avx512"); runtime.GOARCH == "amd64" && err == nil {
		defer Cap(AVX2)()
		if err := Usable(AVX512); err == nil || !strings.Contains(err.Error(), "capped at avx2") {
			t.Errorf("capped at avx2: %v", err)
		}
	}
	if after := Usable(SSE); (after == nil) != (before == nil) {
		t.Errorf("after restore: %v, before: %v", after, before)
	}
}

func TestCapOrder(t *testing.T) {
	order := []ISA{Go, SSE, AVX2, AVX512, AMXBF16}
	for i, low := range order {
		for j, high := range order {
			if got := low.Within(high); got != (i <= j) {
				t.Errorf("%s within %s: %v", low, high, got)
			}
		}
	}
	for _, isa := range All() {
		if !isa.Within(AMX) {
			t.Errorf("%s is above the highest cap", isa)
		}
	}
	if _, err := ParseCap("avx3"); err == nil || !strings.Contains(err.Error(), "avx512") {
		t.Errorf("ParseCap(avx3): %v", err)
	}
}

func TestParseCap(t *testing.T) {
	for _, name := range []string{"go", "avx2", "avx512", "amx"} {
		if isa, err := ParseCap(name); err != nil || string(isa) != name || !Go.Within(isa) {
			t.Errorf("ParseCap(%q) = %q, %v", name, isa, err)
		}
	}
	for _, name := range []string{"", "AVX2", "avx3", "amx-bf16 "} {
		if isa, err := ParseCap(name); err == nil || isa != "" {
			t.Errorf("ParseCap(%q) = %q", name, isa)
		}
	}
}

// The kernel's own list of flags is an independent reading of CPUID and XCR0.
func TestAgainstKernel(t *testing.T) {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil || runtime.GOARCH != "amd64" {
		t.Skip("needs /proc/cpuinfo of an amd64 processor")
	}
	i := strings.Index(string(text), "\nflags")
	line, _, _ := strings.Cut(string(text[i+1:]), "\n")
	flags := strings.Fields(line)
	for _, f := range allFeatures {
		if a := machine().feature(f.name); a != refused && (a == usable) != slices.Contains(flags, f.name) {
			t.Errorf("%s: CPUID and XCR0 answer %d, the kernel lists it: %v", f.name, a, a != usable)
		}
	}
	for _, isa := range All() {
		listed := !slices.ContainsFunc(isa.Features(), func(f string) bool { return !slices.Contains(flags, f) })
		if err := Usable(isa); err == nil && !listed {
			t.Errorf("%s is usable, but the kernel does not list %v", isa, isa.Features())
		}
	}
}

// klauspost/cpuid reads the same bits with other code.
func TestAgainstCPUIDPackage(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("needs CPUID")
	}
	for name, id := range map[string]cpuid.FeatureID{
		"sse2": cpuid.SSE2, "sse4_2": cpuid.SSE42, "avx": cpuid.AVX, "avx2": cpuid.AVX2, "fma": cpuid.FMA3, "f16c": cpuid.F16C,
		"avx512f": cpuid.AVX512F, "avx512bw": cpuid.AVX512BW, "avx512dq": cpuid.AVX512DQ, "avx512vl": cpuid.AVX512VL,
		"avx512_fp16": cpuid.AVX512FP16, "avx512_bf16": cpuid.AVX512BF16, "avx512_vnni": cpuid.AVX512VNNI,
		"avx_vnni": cpuid.AVXVNNI, "amx_tile": cpuid.AMXTILE, "amx_bf16": cpuid.AMXBF16, "amx_int8": cpuid.AMXINT8,
	} {
		if a := machine().feature(name); (a == usable) != cpuid.CPU.Has(id) && a != refused && a != disabled {
			t.Errorf("%s: answer %d, cpuid says %v", name, a, cpuid.CPU.Has(id))
		}
	}
}
