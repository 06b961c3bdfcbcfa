package event

import (
	"math"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/uarch"
)

// precisions maps the tables' words for precisions and ours.
var precisions = []struct{ role, dtype string }{{"dp", "f64"}, {"sp", "f32"}, {"hp", "f16"}, {"bf16", "bf16"}}

// flopRecipes define the floating-point quantities of a unit: by width and precision where its events tell them apart, then
// by precision, and their total. None for a CPU without such a counter.
func (u *unit) flopRecipes(flags []string) []recipe {
	var all []recipe
	var total []string
	for _, p := range precisions {
		var ofPrecision []string
		for _, w := range perf.VectorWidths {
			role := "flops." + p.role + "." + string(w)
			if !u.countsFLOPs(role, p.dtype, flags) {
				continue
			}
			all = append(all, recipe{quantity: perf.FLOPsOf(p.dtype, w), roles: []string{role}, weight: perFLOPs})
			ofPrecision = append(ofPrecision, role)
		}
		if len(ofPrecision) > 0 {
			all = append(all, recipe{quantity: perf.FLOPsOf(p.dtype, ""), roles: ofPrecision, weight: perFLOPs})
		}
		total = append(total, ofPrecision...)
	}
	if len(total) > 0 {
		return append(all, recipe{quantity: perf.FLOPs, roles: total, weight: perFLOPs})
	}
	return u.mergedFLOPs()
}

// countsFLOPs says whether the role has an event that tells operations, on a CPU that has the instructions.
func (u *unit) countsFLOPs(role, dtype string, flags []string) bool {
	feature := map[string]string{"f16": "avx512_fp16", "bf16": "avx512_bf16"}[dtype]
	if feature != "" && !slices.Contains(flags, feature) {
		return false
	}
	found := u.finds(role)
	return len(found) > 0 && !math.IsNaN(u.events[found[0]].flops)
}

// mergedFLOPs are the recipes where one event counts all widths: AMD, E cores, Arm.
func (u *unit) mergedFLOPs() []recipe {
	all := []recipe{
		{quantity: perf.FLOPs, roles: []string{"flops.all"}, weight: perFLOPs},
		{quantity: perf.FLOPs, roles: []string{"flops.fixed", "flops.scale"}, weight: perFLOPs, note: "counted speculatively: instructions that never retired included"},
		{quantity: perf.FLOPsOf("f64", ""), roles: []string{"flops.dp"}, weight: perFLOPs, detail: true},
		{quantity: perf.FLOPsOf("f64", ""), roles: []string{"flops.scalar_double", "flops.packed_double"}, weight: perFLOPs, detail: true},
		{quantity: perf.FLOPsOf("f64", perf.Scalar), roles: []string{"flops.scalar_double"}, weight: perFLOPs, detail: true},
		{quantity: perf.FLOPsOf("f32", ""), roles: []string{"flops.sp"}, weight: perFLOPs, detail: true},
		{quantity: perf.FLOPsOf("f32", ""), roles: []string{"flops.scalar_single", "flops.packed_single"}, weight: perFLOPs, detail: true},
		{quantity: perf.FLOPsOf("f32", perf.Scalar), roles: []string{"flops.scalar_single"}, weight: perFLOPs, detail: true},
		{quantity: perf.FLOPsOf("bf16", ""), roles: []string{"flops.bf16"}, weight: perFLOPs, detail: true},
	}
	for w, role := range map[perf.Width]string{
		perf.Scalar: "scalar", perf.Bits128: "pack_128", perf.Bits256: "pack_256", perf.Bits512: "pack_512",
	} {
		all = append(all, recipe{quantity: perf.FPUopsOf(w), roles: []string{"fp.ops.width." + role}, detail: true})
	}
	slices.SortStableFunc(all, func(a, b recipe) int { return strings.Compare(string(a.quantity), string(b.quantity)) })
	return slices.DeleteFunc(all, func(r recipe) bool {
		events, ok := u.uses(r)
		return !ok || slices.ContainsFunc(events, func(e int) bool { return r.weight == perFLOPs && math.IsNaN(u.events[e].flops) })
	})
}

// anchors are counted in every group with FLOPs, so that FLOPs per cycle and per instruction come from one group.
var anchors = []string{"cycles.core", "inst.retired"}

// noFLOPs are the caveats of tables that explain the lack of a counter.
var noFLOPs = []string{"HSW_NOFLOP", "GRT_NOFLOP", "N1_NOFLOP"}

// whyNoFLOPs says why the unit has no recipe for q, which is FLOPs or a part of it.
func (u *unit) whyNoFLOPs(q perf.Quantity) string {
	for _, key := range noFLOPs {
		for _, c := range u.events {
			if slices.Contains(c.caveats, key) {
				return "PMU " + u.name + ": " + firstSentence(uarch.Caveat(key))
			}
		}
	}
	if q != perf.FLOPs {
		for _, c := range u.events {
			if c.role == "flops.all" && slices.Contains(c.caveats, "AMD_MERGED") {
				return "PMU " + u.name + ": " + firstSentence(uarch.Caveat("AMD_MERGED"))
			}
		}
	}
	return "PMU " + u.name + ": no event of this microarchitecture counts floating-point operations"
}

func firstSentence(text string) string {
	s, _, _ := strings.Cut(text, ". ")
	return strings.TrimSuffix(s, ".")
}
