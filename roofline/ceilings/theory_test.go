package ceilings

import (
	"math"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func TestTheory(t *testing.T) {
	fma := asm.Loop{Op: "fma", Width: "avx2", Body: []asm.Instructions{{Name: "vfmadd213ps", N: 24}}, OpsPerIter: 24 * 16, PerCycle: 2, Assumption: "two pipes"}
	wide := fma
	wide.Width, wide.OpsPerIter = "avx512", 24*32
	tiles := asm.Loop{Op: "amxload", Width: "amx", OpsPerIter: 8 * 16384, PerCycle: 1. / 16,
		Body: []asm.Instructions{{Name: "tdpbf16ps", N: 8}, {Name: "tileloadd", N: 8}}}
	unknown := fma
	unknown.PerCycle = 0
	for _, c := range []struct {
		name            string
		loop            asm.Loop
		measured, clock float64
		halved, known   bool
		want            float64
		note            string
	}{
		{"256 bits at 4 GHz", fma, 127e9, 4e9, false, false, 128e9, "two pipes"},
		{"two threads", fma, 250e9, 8e9, false, false, 256e9, "two pipes"},
		{"512 bits whole", wide, 240e9, 4e9, false, true, 256e9, "two pipes"},
		{"512 bits in halves", wide, 127e9, 4e9, true, true, 128e9, "two halves"},
		{"512 bits, not known", wide, 127e9, 4e9, false, false, 0, "not known whether"},
		{"AMX bf16: 1024 FLOP per cycle", tiles, 3.7e12, 4e9, false, false, 4.096e12, "theory"},
		{"2 % above", fma, 130.5e9, 4e9, false, false, 128e9, "two pipes"},
		{"more than 2 % above", fma, 131e9, 4e9, false, false, 0, "faster than two pipes"},
		{"unknown rate", unknown, 1e9, 4e9, false, false, 0, "no theoretical line"},
		{"unknown clock", fma, 1e9, 0, false, false, 0, "clock is not known"},
	} {
		got, note := theory(c.loop, c.measured, c.clock, c.halved, c.known)
		if math.Abs(got-c.want) > 1e-6*c.want || !strings.Contains(note, c.note) {
			t.Errorf("%s: %g (%s), want %g (%s)", c.name, got, note, c.want, c.note)
		}
	}
}

func TestHalves(t *testing.T) {
	at := func(id string, v float64, threads int) roofline.Ceiling {
		return roofline.Ceiling{ID: id, Threads: threads, Value: stats.Estimate{Median: v}}
	}
	for _, c := range []struct {
		name       string
		all        []roofline.Ceiling
		yes, known bool
	}{
		{"in halves", []roofline.Ceiling{at("compute.fma.avx512.f32", 118, 1), at("compute.fma.avx2.f32", 117, 1)}, true, true},
		{"whole", []roofline.Ceiling{at("compute.fma.avx2.f32", 117, 2), at("compute.fma.avx512.f32", 230, 2)}, false, true},
		{"whole, and two threads were disturbed", []roofline.Ceiling{
			at("compute.fma.avx512.f32", 22, 2), at("compute.fma.avx2.f32", 40, 2),
			at("compute.fma.avx512.f32", 217, 1), at("compute.fma.avx2.f32", 88, 1),
		}, false, true},
		{"one of them", []roofline.Ceiling{at("compute.fma.avx512.f32", 240, 1), at("compute.fma.avx2.f32", 240, 2)}, false, false},
	} {
		if yes, known := halves(c.all); known != c.known || known && yes != c.yes {
			t.Errorf("%s: halved %v, known %v", c.name, yes, known)
		}
	}
}

// TestEveryLoopHasItsTheory derives the operations per cycle from the table as people know them.
func TestEveryLoopHasItsTheory(t *testing.T) {
	if cpu.Usable(cpu.SSE) != nil {
		testkit.SkipUnsupported(t, &cpu.UnavailableError{ISA: cpu.SSE, Cause: "no assembly for this processor"})
	}
	perCycle := map[string]float64{
		"compute.add.scalar.f32": 2, "compute.fma.scalar.f64": 4, "compute.mul.sse.f32": 8, "compute.fma.sse.f64": 8,
		"compute.fma.avx2.f32": 32, "compute.add.avx2.f64": 8, "compute.fmaadd.avx2.f32": 24,
		"compute.fma.avx512.f32": 64, "compute.fma.avx512.f64": 32, "compute.fma.avx512.f16": 128,
		"compute.vnni.avx512.int8": 256, "compute.amx.bf16": 1024, "compute.amx.int8": 2048,
		"compute.amxload.bf16": 1024, "compute.amxload.int8": 2048,
	}
	for _, l := range asm.Loops() {
		want, ok := perCycle[l.ID]
		if !ok {
			continue
		}
		delete(perCycle, l.ID)
		if got, note := theory(l, 0, 1, false, true); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %g operations per cycle (%s), want %g", l.ID, got, note, want)
		}
	}
	for id := range perCycle {
		t.Errorf("there is no loop %s", id)
	}
}
