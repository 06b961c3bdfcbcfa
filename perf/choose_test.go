package perf_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
)

// TestChoose is the table of sources, verdicts, --source and --trust.
func TestChoose(t *testing.T) {
	const pmu, ins, sim, ana = perf.SourcePMU, perf.SourceInstrumented, perf.SourceSimulated, perf.SourceAnalytic
	type names = []perf.SourceName
	all := names{pmu, ins, sim, ana}
	is := func(s perf.SourceName, q perf.Quantity, status perf.Status) perf.Verdict {
		return perf.Verdict{Source: s, Quantity: q, Status: status, Text: "off by -50 %"}
	}
	bf16 := is(pmu, perf.FLOPs, perf.NotThere)
	bf16.On = "bf16"
	for _, c := range []struct {
		name    string
		choice  perf.Choice
		q       perf.Quantity
		dtype   string
		order   names
		refused names
	}{
		{"nothing judged: the PMU last", perf.Choice{Sources: all}, perf.FLOPs, "f32", names{ins, sim, ana, pmu}, nil},
		{"verified", perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Verified)}}, perf.FLOPs, "f32", all, nil},
		{
			"verified, but another quantity",
			perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.Cycles, perf.Verified)}},
			perf.FLOPs, "f64", names{ins, sim, ana, pmu}, nil,
		},
		{"off", perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Off)}}, perf.FLOPs, "f32", names{ins, sim, ana}, names{pmu}},
		{"reads 0", perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.NotThere)}}, perf.FLOPs, "f32", names{ins, sim, ana}, names{pmu}},
		{"untested", perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Undecided)}}, perf.FLOPs, "f32", names{ins, sim, ana}, names{pmu}},
		{"the simulation untested at one level", perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(sim, perf.BytesL3, perf.Undecided)}}, perf.BytesL3, "f32", names{ins, sim, ana, pmu}, nil},
		{
			"off, but trusted",
			perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Off)}, Trust: []perf.Quantity{perf.FLOPs}},
			perf.FLOPs, "f32", all, nil,
		},
		{
			"off, another trusted",
			perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Off)}, Trust: []perf.Quantity{perf.BytesL2}},
			perf.FLOPs, "f32", names{ins, sim, ana}, names{pmu},
		},
		{"not judged, all trusted", perf.Choice{Sources: all, TrustAll: true}, perf.BytesL3, "f32", all, nil},
		{
			"off, all trusted", perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Off)}, TrustAll: true},
			perf.FLOPs, "f32", all, nil,
		},
		{"named by the user", perf.Choice{Sources: names{pmu, ana}, Explicit: true}, perf.FLOPs, "f32", names{pmu, ana}, nil},
		{"named in another order", perf.Choice{Sources: names{ana, pmu}, Explicit: true, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Verified)}}, perf.FLOPs, "f32", names{ana, pmu}, nil},
		{
			"named by the user, but off",
			perf.Choice{Sources: names{pmu, ana}, Explicit: true, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Off)}},
			perf.FLOPs, "f32", names{ana}, names{pmu},
		},
		{
			"named, off and trusted",
			perf.Choice{Sources: names{pmu, ana}, Explicit: true, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Off)}, Trust: []perf.Quantity{perf.FLOPs}},
			perf.FLOPs, "f32", names{pmu, ana}, nil,
		},
		{
			"the simulation off at one level",
			perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(sim, perf.BytesL3, perf.Off)}},
			perf.BytesL3, "f32", names{ins, ana, pmu}, names{sim},
		},
		{
			"blind to bf16, on f32 work",
			perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Verified), bf16}}, perf.FLOPs, "f32", all, nil,
		},
		{
			"blind to bf16, on bf16 work",
			perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Verified), bf16}},
			perf.FLOPs, "bf16", names{ins, sim, ana}, names{pmu},
		},
		{
			"f16 not judged",
			perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.FLOPs, perf.Verified)}}, perf.FLOPs, "f16", names{ins, sim, ana, pmu}, nil,
		},
		{
			"bytes do not depend on the type",
			perf.Choice{Sources: all, Verdicts: []perf.Verdict{is(pmu, perf.BytesDRAM, perf.Verified)}}, perf.BytesDRAM, "bf16", all, nil,
		},
		{"no sources", perf.Choice{}, perf.FLOPs, "f32", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			order, refused := perf.Choose(c.choice, c.q, c.dtype)
			if !reflect.DeepEqual(order, c.order) {
				t.Errorf("order %v, want %v", order, c.order)
			}
			if len(refused) != len(c.refused) {
				t.Errorf("refused %v, want %v", refused, c.refused)
			}
			for _, s := range c.refused {
				if why := refused[s]; !strings.Contains(why, "off by -50 %") || !strings.Contains(why, "--trust "+string(c.q)) {
					t.Errorf("%s is refused because %q", s, why)
				}
			}
		})
	}
}

func TestMergeRefuses(t *testing.T) {
	c := perf.Choice{
		Sources:  []perf.SourceName{perf.SourcePMU, perf.SourceAnalytic},
		Verdicts: []perf.Verdict{{Source: perf.SourcePMU, Quantity: perf.FLOPs, Status: perf.Off, Text: "off by -50 %"}},
	}
	exact := func(s perf.SourceName, v float64) perf.Count {
		return perf.Count{Value: v, Source: s, Quality: perf.Exact}
	}
	got := c.Merge("f32",
		map[perf.Quantity]perf.Count{perf.FLOPs: exact(perf.SourcePMU, 1), perf.Cycles: exact(perf.SourcePMU, 7)},
		map[perf.Quantity]perf.Count{perf.FLOPs: exact(perf.SourceAnalytic, 2), perf.Cycles: perf.NotCounted(perf.SourceAnalytic, "no")},
	)
	if f := got[perf.FLOPs]; len(f) != 2 || f[0] != exact(perf.SourceAnalytic, 2) || f[1].Quality != perf.Missing || f[1].Value != 0 {
		t.Errorf("flops: %+v", f)
	}
	if f := got[perf.Cycles]; len(f) != 2 || f[0] != exact(perf.SourcePMU, 7) {
		t.Errorf("an unverified counter that alone counts comes first: %+v", f)
	}
}
