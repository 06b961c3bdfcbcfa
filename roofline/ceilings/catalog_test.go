package ceilings

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
)

// contract is the IDs that other packages and scripts name.
var contract = []string{
	"compute.fma.scalar.f32", "compute.fma.scalar.f64",
	"bandwidth.load.L1", "bandwidth.store.L2", "bandwidth.copy.L3", "bandwidth.triad.DRAM", "bandwidth.ntstore.DRAM",
	"latency.L1", "latency.L2.4k", "latency.DRAM",
}

var contractAMD64 = []string{
	"compute.add.sse.f32", "compute.mul.avx2.f64", "compute.fma.avx512.f32", "compute.fmaadd.avx512.f64",
	"compute.fma.avx512.f16", "compute.dot.avx512.bf16", "compute.vnni.avx512.int8",
	"compute.amx.bf16", "compute.amx.int8", "compute.amxload.bf16", "compute.amxload.int8",
}

func TestCatalog(t *testing.T) {
	seen := map[string]Entry{}
	for _, e := range Catalog() {
		if _, twice := seen[e.ID]; twice {
			t.Errorf("%s stands twice", e.ID)
		}
		seen[e.ID] = e
		unit := map[string]string{"compute": "FLOP/s", "bandwidth": "B/s", "latency": "s"}[e.Kind]
		if e.DType == "int8" {
			unit = "OP/s"
		}
		if !strings.HasPrefix(e.ID, e.Kind+".") || e.Unit != unit || e.Op == "" {
			t.Errorf("%+v contradicts itself", e)
		}
		if e.Kind == "compute" && !errors.Is(e.Unavailable, cpu.Usable(e.Needs)) && fmt.Sprint(e.Unavailable) != fmt.Sprint(cpu.Usable(e.Needs)) {
			t.Errorf("%s: %v, but its instruction set: %v", e.ID, e.Unavailable, cpu.Usable(e.Needs))
		}
	}
	want := contract
	if len(asm.Loops()) > 0 {
		want = append(want, contractAMD64...)
	}
	for _, id := range want {
		if _, ok := seen[id]; !ok {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestCatalogSaysWhyNot(t *testing.T) {
	if len(asm.Loops()) == 0 {
		testkit.SkipUnsupported(t, &cpu.UnavailableError{ISA: cpu.SSE, Cause: "no assembly for this processor"})
	}
	defer cpu.Cap(cpu.SSE)()
	for _, e := range Catalog() {
		if e.Kind != "compute" || e.Needs.Within(cpu.SSE) {
			continue
		}
		var unavailable *cpu.UnavailableError
		if !errors.As(e.Unavailable, &unavailable) || unavailable.ISA != e.Needs {
			t.Errorf("%s: %v, want an UnavailableError about %s", e.ID, e.Unavailable, e.Needs)
		}
	}
}
