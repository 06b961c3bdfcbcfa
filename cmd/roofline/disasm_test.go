package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/instrument/flops"
)

func TestDisasm(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	code, stdout, stderr := invoke(t, "disasm", "dot/avx2/f32", "--shape", "64000", "--blocks", "1")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	// Every element is multiplied and added once; what remains sums up the vectors.
	var flops int
	if _, err := fmt.Sscanf(stdout[strings.Index(stdout, "instructions, "):], "instructions, %d FLOPs", &flops); err != nil || flops < 2*64000 || flops > 2*64000+1000 {
		t.Errorf("%d FLOPs, %v, in\n%s", flops, err, stdout)
	}
	for _, part := range []string{"dot/avx2/f32 64000, one call:", "DotAVX2F32, ", "vfmadd231ps", "% of FLOPs", "more blocks"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("no %q in\n%s", part, stdout)
		}
	}
	for _, line := range strings.Split(stdout, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("longer than 80 columns: %s", line)
		}
	}
}

// Arrays are told apart by their names, and their misses by their kind.
func TestDisasmCaches(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	code, stdout, stderr := invoke(t, "disasm", "triad/avx2/f32", "--shape", "20000", "--blocks", "1", "--caches")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	// 3 arrays of 80000 B are 1250 lines each, of which L1 keeps nothing from call to call. Every last cache holds them, so that dst is not
	// written past the caches.
	for _, array := range []string{"dst", "b", "c"} {
		var lookups, misses, capacity int
		at := strings.Index(stdout, "L1     "+array+" ")
		if at < 0 {
			t.Fatalf("no L1 %s in\n%s", array, stdout)
		}
		if _, err := fmt.Sscan(stdout[at+len("L1     "+array):], &lookups, &misses, &capacity); err != nil || misses < 1250 || misses > 1251 || capacity < 1200 {
			t.Errorf("%s: %d misses, %d of them for want of capacity, %v; want 1250", array, misses, capacity, err)
		}
	}
	for _, line := range strings.Split(stdout, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("longer than 80 columns: %s", line)
		}
	}
}

func TestDisasmRefuses(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{}, exitUsage, "takes one kernel"},
		{[]string{"matmul"}, exitUsage, "kernels; name one"},
		{[]string{"nonsense/avx2/f32"}, exitUsage, "no such kernel"},
		{[]string{"matmul/naive/f32"}, exitUnfit, "plain Go code"},
	} {
		code, _, stderr := invoke(t, append([]string{"disasm"}, tt.args...)...)
		if code != tt.code || !strings.Contains(stderr, tt.want) {
			t.Errorf("disasm %v: exit code %d, %s; want %d, %q", tt.args, code, stderr, tt.code, tt.want)
		}
	}
}

// Integer operations are no FLOPs: of a product of int8 two for each product.
func TestDisasmOfIntegers(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512VNNI))
	code, stdout, stderr := invoke(t, "disasm", "matmul/avx512/int8", "--shape", "48x64x64", "--blocks", "1")
	var ops int
	if _, err := fmt.Sscanf(stdout[strings.Index(stdout, "instructions, "):], "instructions, %d OPs\n", &ops); code != exitDone || err != nil || ops < 2*48*64*64 || strings.Contains(stdout, "FLOP") {
		t.Errorf("exit code %d, %d operations, %v %s in\n%s", code, ops, err, stderr, stdout)
	}
}

func TestWithoutPackage(t *testing.T) {
	for name, want := range map[string]string{
		"main": "main", "main.f": "main.f", "p.F[a/b.T]": "p.F[a/b.T]", "example.com/p.f": "f", "example.com/p.(*T).M": "(*T).M",
		"example.com/p.F[a/b.T]": "F[a/b.T]", "example.com/p.(*T[a/b.E,c/d.E]).M": "(*T[a/b.E,c/d.E]).M",
	} {
		if got := withoutPackage(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// Of a program's instructions what rounds to 0.0 % is one item, as long as it is more than one class.
func TestMixCountsTheRareTogether(t *testing.T) {
	all := instrument.Totals{Instructions: 100_000, Mix: map[flops.Class]uint64{flops.FMA: 99_880, flops.FPAdd: 60, flops.FPMul: 49, flops.FPDiv: 11}}
	if got, want := mix(&all), []string{"fma 99.9 %,", "fp add 0.1 %,", "2 more below 0.1 %"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	all.Mix = map[flops.Class]uint64{flops.FMA: 99_989, flops.FPDiv: 11}
	if got := mix(&all); len(got) != 2 || !strings.HasSuffix(got[1], " 0.0 %") {
		t.Errorf("one rare class: %q", got)
	}
}
