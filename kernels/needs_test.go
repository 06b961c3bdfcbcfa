package kernels

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

// cpuinfoName translates the generator's names of features that are not in the amd64 baseline to those of /proc/cpuinfo.
// A feature that is missing here fails the test.
var cpuinfoName = map[string]string{
	"AVX": "avx", "AVX2": "avx2", "FMA3": "fma", "F16C": "f16c", "BMI": "bmi1", "BMI2": "bmi2",
	"AVX512F": "avx512f", "AVX512BW": "avx512bw", "AVX512DQ": "avx512dq", "AVX512VL": "avx512vl", "AVX512VNNI": "avx512_vnni", "AVX512BF16": "avx512_bf16",
	"AVX512FP16": "avx512_fp16", "AVX512VBMI": "avx512vbmi", "AMXTILE": "amx_tile", "AMXBF16": "amx_bf16", "AMXINT8": "amx_int8",
	"CMOV": "", "MMX+": "", "SSE": "", "SSE2": "", // baseline
}

var (
	requires = regexp.MustCompile(`(?m)^// Requires: (.*)\nTEXT ·(\w+)\(SB\)`)
	textName = regexp.MustCompile(`(?m)^TEXT ·(\w+)\(SB\)`)
)

// The generator knows every instruction it has written: each function must get along with what the kernels of its
// instruction set declare as Needs.
func TestNeedsCoverInstructions(t *testing.T) {
	testkit.SkipRace(t, "reads files in one goroutine")
	declared := map[string][]string{} // AVX2, AVX512 → features that every kernel of that variant needs
	for _, k := range All() {
		var features []string
		for _, isa := range k.Needs {
			features = append(features, isa.Features()...)
		}
		name := strings.ToUpper(strings.ReplaceAll(string(k.ISA), "-", ""))
		if old, ok := declared[name]; ok {
			features = slices.DeleteFunc(features, func(f string) bool { return !slices.Contains(old, f) })
		}
		declared[name] = features
	}
	isa := regexp.MustCompile(`AVX512(BF16|FP16|VNNI)?|AVX2|AMX(BF16|INT8)`)
	for _, file := range []string{"zz_matmul_amd64.s", "zz_inplace_amd64.s", "zz_narrow_amd64.s", "zz_stream_amd64.s", "zz_attention_amd64.s", "zz_decode_amd64.s"} {
		source, err := os.ReadFile(filepath.Join("asm", file))
		if err != nil {
			t.Fatal(err)
		}
		functions := requires.FindAllStringSubmatch(string(source), -1)
		if all := textName.FindAllString(string(source), -1); len(functions) == 0 || len(functions) != len(all) {
			t.Errorf("%s: %d functions, %d with a list of features", file, len(all), len(functions))
		}
		for _, f := range functions {
			name := isa.FindString(f[2])
			features, ok := declared[name]
			if !ok && name != "" { // without a name only the baseline is allowed
				t.Errorf("%s: no kernel declares the instruction set of %s", file, f[2])
				continue
			}
			for _, r := range strings.Split(f[1], ", ") {
				name, known := cpuinfoName[r]
				if !known || (name != "" && !slices.Contains(features, name)) {
					t.Errorf("%s: %s uses %s, which the Needs of its kernels do not cover (%v)", file, f[2], r, features)
				}
			}
		}
	}
}
