package asm

import (
	"os"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// feature translates the generator's names of instruction sets into those of the feature groups.
var feature = map[string]string{
	"SSE": "sse2", "SSE2": "sse2", "AVX": "avx", "AVX2": "avx2", "FMA3": "fma", "AVX512F": "avx512f",
	"AVX512VNNI": "avx512_vnni", "AVX512FP16": "avx512_fp16", "AVX512BF16": "avx512_bf16",
	"AMXTILE": "amx_tile", "AMXBF16": "amx_bf16", "AMXINT8": "amx_int8",
}

var required = regexp.MustCompile(`(?m)^// func (\w+)\(.*\n// Requires: (.*)$`)

// TestLoopsNeedWhatTheirCodeUses compares the generator's own list of instruction sets with the group that each loop names.
func TestLoopsNeedWhatTheirCodeUses(t *testing.T) {
	text, err := os.ReadFile("zz_ceilings_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	uses := map[string][]string{}
	for _, m := range required.FindAllStringSubmatch(string(text), -1) {
		uses[m[1]] = strings.Split(m[2], ", ")
	}
	for _, l := range Loops() {
		full := runtime.FuncForPC(reflect.ValueOf(l.Func).Pointer()).Name()
		name := full[strings.LastIndex(full, ".")+1:]
		if len(uses[name]) == 0 {
			t.Errorf("%s: the generator lists nothing for %s", l.ID, name)
		}
		for _, set := range uses[name] {
			f, known := feature[set]
			if !known {
				t.Errorf("%s: unknown instruction set %s", l.ID, set)
			}
			has := l.ISA.Features()
			if !slices.Contains(has, f) && f != "sse2" { // SSE2 is in every amd64 processor
				t.Errorf("%s needs %s, but its group %s is %v", l.ID, f, l.ISA, has)
			}
		}
		delete(uses, name)
	}
	for name := range uses {
		t.Errorf("no ceiling uses %s", name)
	}
}
