package analysis

import (
	"slices"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// Suggest names assumptions that WhatIf can estimate of a run and that would change it: wider registers where its arithmetic is
// in narrower ones than this machine has, and half of the traffic of the level whose traffic takes longest. It is "" where there
// are none.
func Suggest(run *roofline.Run, ceilings []roofline.Ceiling) string {
	var list []string
	if isa := widerISA(run, ceilings); isa != "" {
		list = append(list, "isa="+isa)
	}
	if level := slowestLevel(run, ceilings); level != "" {
		list = append(list, level+".bytes=/2")
	}
	return strings.Join(list, ",")
}

// widerISA is the widest instruction set with a ceiling for the run's type, where it is wider than all arithmetic that the run
// was seen to do.
func widerISA(run *roofline.Run, ceilings []roofline.Ceiling) string {
	if run.Analysis == nil {
		return ""
	}
	widths := []string{"scalar", "128", "256", "512", "amx"}
	widest := -1
	for _, m := range run.Analysis.Mix {
		if m.FLOPs > 0 {
			widest = max(widest, slices.Index(widths, m.Width))
		}
	}
	for i, isa := range []string{"avx512", "avx2"} {
		has := slices.ContainsFunc(ceilings, func(c roofline.Ceiling) bool { return c.ID == "compute.fma."+isa+"."+run.DType })
		if has && widest >= 0 && widest < 3-i {
			return isa
		}
	}
	return ""
}

// slowestLevel is the level whose bytes take longest at its roof.
func slowestLevel(run *roofline.Run, ceilings []roofline.Ceiling) (slowest string) {
	longest := 0.0
	for _, level := range run.KnownLevels() {
		bytes, _ := run.Count(roofline.Bytes(level))
		if c, ok := run.BandwidthRoof(ceilings, level); ok && bytes.Value/c.Value.Median > longest {
			slowest, longest = level, bytes.Value/c.Value.Median
		}
	}
	return slowest
}
