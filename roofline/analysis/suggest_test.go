package analysis

import (
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// What is suggested can be estimated, and is nothing that the run does already.
func TestSuggest(t *testing.T) {
	bandwidth := func(level string, v float64) roofline.Ceiling {
		return roofline.Ceiling{ID: "bandwidth.load." + level, Kind: "bandwidth", Op: "load", Level: level, Threads: 1, Unit: "B/s", Value: stats.Estimate{Median: v, N: 9}}
	}
	for _, tt := range []struct {
		name   string
		change func(*roofline.Run, *Context)
		want   string
	}{
		{"AVX2 on a machine with AVX-512", func(*roofline.Run, *Context) {}, "isa=avx512,L2.bytes=/2"},
		{"AVX-512", func(r *roofline.Run, _ *Context) { r.Analysis.Mix[0].Width = "512" }, "L2.bytes=/2"},
		{"scalar on a machine with AVX2", func(r *roofline.Run, c *Context) {
			c.Ceilings = []roofline.Ceiling{{ID: "compute.fma.avx2.f32"}, bandwidth("L2", 1e9)}
			r.Analysis.Mix = []roofline.MixEntry{{Class: "fma", Width: "scalar", DType: "f32", Instructions: 1, FLOPs: 2}}
		}, "isa=avx2,L2.bytes=/2"},
		{"a type that no ceiling is of", func(r *roofline.Run, _ *Context) { r.DType = "bf16" }, "L2.bytes=/2"},
		{"a level without a ceiling", func(r *roofline.Run, _ *Context) { r.Counts[perf.BytesDRAM] = r.Counts[perf.BytesL2] }, "isa=avx512,L2.bytes=/2"},
		{"a slower level", func(r *roofline.Run, c *Context) {
			r.Counts[perf.BytesDRAM] = r.Counts[perf.BytesL2]
			c.Ceilings = append(c.Ceilings, bandwidth("DRAM", 1e9))
		}, "isa=avx512,DRAM.bytes=/2"},
		{"a level that is slower, but hardly used", func(r *roofline.Run, c *Context) {
			r.Counts[perf.BytesDRAM] = []perf.Count{{Value: 1e6, Source: perf.SourceSimulated, Quality: perf.Simulated}}
			c.Ceilings = append(c.Ceilings, bandwidth("DRAM", 1e9))
		}, "isa=avx512,L2.bytes=/2"},
		{"nothing counted", func(r *roofline.Run, _ *Context) { r.Counts, r.Analysis = nil, nil }, ""},
	} {
		run, c := simpleRun()
		tt.change(run, &c)
		if got := Suggest(run, c.Ceilings); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	run, c := simpleRun()
	changes, err := ParseWhatIf(Suggest(run, c.Ceilings))
	if err == nil {
		_, err = WhatIf(run, c, changes)
	}
	if err != nil {
		t.Error(err)
	}
}
