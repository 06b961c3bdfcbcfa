package flops

import (
	"path"
	"strings"
)

// kind is what a mnemonic means for counting.
type kind struct {
	class     Class
	dtype     string
	integer   bool
	perLane   int // operations; 0: none
	laneBytes int
	pmu       int
	scalar    bool
	tile      bool
}

// formats are the suffixes of floating-point instructions.
var formats = []struct {
	suffix, dtype string
	bytes         int
	scalar        bool
}{
	{"ps", "f32", 4, false}, {"pd", "f64", 8, false}, {"ss", "f32", 4, true}, {"sd", "f64", 8, true},
	{"ph", "f16", 2, false}, {"sh", "f16", 2, true},
}

// arithmetic are the stems that take these suffixes and are one operation per lane, two for fused ones.
var arithmetic = map[string]Class{
	"add": FPAdd, "sub": FPAdd, "addsub": FPAdd, "hadd": FPAdd, "hsub": FPAdd, "mul": FPMul, "div": FPDiv, "sqrt": FPDiv,
	"min": FPMinMax, "max": FPMinMax, "rcp": FPApprox, "rsqrt": FPApprox, "rcp14": FPApprox, "rsqrt14": FPApprox,
	"rcp28": FPApprox, "rsqrt28": FPApprox, "dp": FMA,
}

// special are instructions that no rule describes: operations per lane, bytes of a lane.
var special = map[string]kind{
	"vdpbf16ps": {class: Dot, dtype: "bf16", perLane: 4, laneBytes: 4},
	// (a+bi)(c+di): four products and two sums; with an addend two sums more.
	"vfmulcph":   {class: FPMul, dtype: "f16", perLane: 6, laneBytes: 4, pmu: 1},
	"vfcmulcph":  {class: FPMul, dtype: "f16", perLane: 6, laneBytes: 4, pmu: 1},
	"vfmaddcph":  {class: FMA, dtype: "f16", perLane: 8, laneBytes: 4, pmu: 2},
	"vfcmaddcph": {class: FMA, dtype: "f16", perLane: 8, laneBytes: 4, pmu: 2},
	"vfmulcsh":   {class: FPMul, dtype: "f16", perLane: 6, laneBytes: 4, pmu: 1, scalar: true},
	"vfcmulcsh":  {class: FPMul, dtype: "f16", perLane: 6, laneBytes: 4, pmu: 1, scalar: true},
	"vfmaddcsh":  {class: FMA, dtype: "f16", perLane: 8, laneBytes: 4, pmu: 2, scalar: true},
	"vfcmaddcsh": {class: FMA, dtype: "f16", perLane: 8, laneBytes: 4, pmu: 2, scalar: true},
	// Products of tiles, per element of 4 bytes of the result and of each row of the first source.
	"tdpbf16ps":    {class: TileDot, dtype: "bf16", perLane: 4, tile: true},
	"tdpfp16ps":    {class: TileDot, dtype: "f16", perLane: 4, tile: true},
	"tcmmimfp16ps": {class: TileDot, dtype: "f16", perLane: 4, tile: true},
	"tcmmrlfp16ps": {class: TileDot, dtype: "f16", perLane: 4, tile: true},
	"tdpbssd":      {class: TileDot, dtype: "int8", integer: true, perLane: 8, tile: true},
	"tdpbsud":      {class: TileDot, dtype: "int8", integer: true, perLane: 8, tile: true},
	"tdpbusd":      {class: TileDot, dtype: "int8", integer: true, perLane: 8, tile: true},
	"tdpbuud":      {class: TileDot, dtype: "int8", integer: true, perLane: 8, tile: true},
	// Products of neighbours, added: two products and one sum.
	"pmaddubsw":  {class: VecIntMul, dtype: "int8", integer: true, perLane: 3, laneBytes: 2},
	"pmaddwd":    {class: VecIntMul, dtype: "int16", integer: true, perLane: 3, laneBytes: 4},
	"vpmaddubsw": {class: VecIntMul, dtype: "int8", integer: true, perLane: 3, laneBytes: 2},
	"vpmaddwd":   {class: VecIntMul, dtype: "int16", integer: true, perLane: 3, laneBytes: 4},
}

// classify derives the kind from the name.
func classify(name string) kind {
	if k, ok := special[name]; ok {
		return k
	}
	switch {
	case strings.HasPrefix(name, "vpdpb"): // four products, four sums
		return kind{class: Dot, dtype: "int8", integer: true, perLane: 8, laneBytes: 4}
	case strings.HasPrefix(name, "vpdpw"):
		return kind{class: Dot, dtype: "int16", integer: true, perLane: 4, laneBytes: 4}
	}
	bare := strings.TrimPrefix(name, "v")
	for _, f := range formats {
		stem, ok := strings.CutSuffix(bare, f.suffix)
		if !ok {
			continue
		}
		k := kind{dtype: f.dtype, laneBytes: f.bytes, scalar: f.scalar, perLane: 1, pmu: 1}
		if class, ok := arithmetic[stem]; ok {
			k.class = class
			if stem == "dp" { // a product and its share of the sum
				k.class, k.perLane, k.pmu = Dot, 2, 2
			}
			return k
		}
		if fused(stem) {
			k.class, k.perLane, k.pmu = FMA, 2, 2
			return k
		}
	}
	for _, x := range []string{"fadd", "fiadd", "fsub", "fisub", "fmul", "fimul", "fdiv", "fidiv", "fsqrt"} {
		if strings.HasPrefix(name, x) {
			return kind{class: X87, dtype: "f80", perLane: 1, scalar: true}
		}
	}
	return kind{class: classOf(bare, name)}
}

// fused recognises fmadd132, fnmsub231, fmaddsub213 and their like.
func fused(stem string) bool {
	for _, order := range []string{"132", "213", "231", ""} { // without an order: FMA4
		switch s, ok := strings.CutSuffix(stem, order); {
		case !ok:
		case s == "fmadd", s == "fmsub", s == "fnmadd", s == "fnmsub", s == "fmaddsub", s == "fmsubadd":
			return true
		}
	}
	return false
}

// classOf finds the class of what executes no counted operations: the first row whose pattern fits.
func classOf(bare, name string) Class {
	for _, r := range classRules {
		for _, pattern := range r.patterns {
			for _, n := range []string{bare, name} {
				if ok, _ := path.Match(pattern, n); ok {
					return r.class
				}
			}
		}
	}
	return Other
}
