package cpu

import (
	"errors"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func features(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// Made-up processors: what CPUID, XCR0 and the kernel say, and what must follow.
func TestCheck(t *testing.T) {
	all := features("sse2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_fp16", "avx512_bf16",
		"avx512_vnni", "amx_tile", "amx_bf16", "amx_int8")
	without := func(name string) map[string]bool { m := maps.Clone(all); delete(m, name); return m }
	const everything = xcr0AVX512 | xcr0AMX
	for _, tt := range []struct {
		name   string
		raw    raw
		usable []ISA
		why    map[ISA]string
	}{
		{"everything", raw{"amd64", all, everything, nil}, All(), nil},
		{"AMX refused by the kernel", raw{"amd64", all, everything, syscall.EPERM},
			[]ISA{Go, SSE, AVX2, AVX512, AVX512FP16, AVX512BF16, AVX512VNNI}, map[ISA]string{AMXBF16: "kernel refused"}},
		{"no tile state in XCR0", raw{"amd64", all, xcr0AVX512, nil},
			[]ISA{Go, SSE, AVX2, AVX512, AVX512FP16, AVX512BF16, AVX512VNNI}, map[ISA]string{AMXINT8: "XCR0"}},
		{"no AVX-512 state in XCR0", raw{"amd64", all, xcr0AVX | xcr0SSE, nil}, []ISA{Go, SSE, AVX2}, map[ISA]string{AVX512: "XCR0"}},
		{"no OSXSAVE", raw{"amd64", all, 0, nil}, []ISA{Go, SSE}, map[ISA]string{AVX2: "XCR0"}},
		{"no FMA", raw{"amd64", without("fma"), everything, nil}, []ISA{Go, SSE}, map[ISA]string{AVX2: "lacks fma"}},
		{"no FP16", raw{"amd64", without("avx512_fp16"), everything, nil},
			[]ISA{Go, SSE, AVX2, AVX512, AVX512BF16, AVX512VNNI, AMXBF16, AMXINT8}, map[ISA]string{AVX512FP16: "avx512_fp16"}},
		{"another architecture", raw{"arm64", nil, 0, nil}, []ISA{Go}, map[ISA]string{SSE: "arm64"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, isa := range All() {
				err := tt.raw.check(isa)
				if (err == nil) != slices.Contains(tt.usable, isa) {
					t.Errorf("%s: %v", isa, err)
				}
				if want := tt.why[isa]; want != "" && !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %q does not say %q", isa, err, want)
				}
			}
		})
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

// TestAgainstKernel compares with the kernel's own list, an independent reading of CPUID and XCR0.
func TestAgainstKernel(t *testing.T) {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil || runtime.GOARCH != "amd64" {
		t.Skip("needs /proc/cpuinfo of an amd64 processor")
	}
	i := strings.Index(string(text), "\nflags")
	line, _, _ := strings.Cut(string(text[i+1:]), "\n")
	flags := strings.Fields(line)
	for _, isa := range []ISA{SSE, AVX2, AVX512, AVX512FP16, AVX512BF16, AVX512VNNI, AMXBF16, AMXINT8} {
		has := true
		for _, f := range isa.Features() {
			has = has && slices.Contains(flags, f)
		}
		if err := Usable(isa); has != (err == nil) {
			t.Errorf("%s: the kernel lists its features: %v; Usable: %v", isa, has, err)
		}
	}
}
