package asm

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// loopOf returns the instructions of a function's loop, or of its part from a label on: to the first jump to its head.
func loopOf(t *testing.T, file, function, label, head string) []string {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(source), "TEXT ·"+function+"(SB)")
	text, _, _ = strings.Cut(text, "\nTEXT ")
	_, text, found := strings.Cut(text, "\n"+label+":\n")
	body := regexp.MustCompile(`\n\tJ\w+ +`+head+`\n`).Split(text, 2)
	if !found || len(body) != 2 {
		t.Fatalf("%s: %s has no loop %s", file, function, label)
	}
	return strings.Split(body[0], "\n")
}

func count(lines []string, pattern string) (n int) {
	re := regexp.MustCompile(pattern)
	for _, l := range lines {
		if re.MatchString(l) {
			n++
		}
	}
	return n
}

// What docs/matmul-amx.md and docs/attention.md compute bounds from: a load of a tile for each product, half of them with the hint
// that keeps L1 for the others, in matmul eight vectors on their way to C in each step, and in attention the instructions that
// turn scores into weights.
func TestLoopsOfTiles(t *testing.T) {
	for _, l := range []struct {
		file, function, label, head     string
		products, loads, hinted, vector int
	}{
		{"zz_matmul_amd64.s", "MatmulAMXBF16R32", "forward_k", "forward_k", 4, 2, 2, 0},
		{"zz_matmul_amd64.s", "MatmulAMXBF16R32", "backward_copy", "backward_copy", 4, 2, 2, 16},
		{"zz_matmul_amd64.s", "MatmulAMXINT8R32", "forward_copy", "forward_copy", 4, 2, 2, 16},
		{"zz_matmul_amd64.s", "MatmulAMXINT8R16", "forward_k", "forward_k", 2, 1, 2, 0},
		{"zz_matmul_amd64.s", "MatmulAMXINT8PassR16", "forward_k", "forward_k", 2, 2, 1, 0},
		{"zz_matmul_amd64.s", "MatmulAMXBF16NearR32", "backward_k", "backward_k", 4, 4, 0, 0},
		// Two pairs of rows of bf16, or four rows of int8 for two slivers, beside a step.
		{"zz_matmul_amd64.s", "MatmulAMXBF16LinesR32", "forward_k", "forward_k", 4, 2, 2, 2 * 8},
		{"zz_matmul_amd64.s", "MatmulAMXINT8LinesR32", "backward_copy", "backward_copy", 4, 2, 2, 16 + 20},
		{"zz_matmul_amd64.s", "MatmulAMXINT8LinesR32", "forward_k", "forward_k", 4, 2, 2, 20},
		{"zz_matmul_amd64.s", "MatmulAMXBF16NearPastR32", "backward_k", "backward_k", 4, 2, 2, 0},
		// Four pairs of keys × 2 vectors of queries; or 32 rows of scores.
		{"zz_attention_amd64.s", "AttentionBlock2AMXBF16", "ahead", "ahead", 4, 2, 2, 4 * 2 * 13},
		{"zz_attention_amd64.s", "AttentionBlock2AMXBF16", "beside_output_keys", "beside_output_keys", 4, 2, 2, 4 * 2 * 13},
		{"zz_attention_amd64.s", "AttentionBlock2AMXBF16", "beside_output_no_pairs", "beside_output_keys", 4, 2, 2, 32 * 2},
	} {
		body := loopOf(t, l.file, l.function, l.label, l.head)
		for what, n := range map[string][2]int{
			"products of tiles": {count(body, `// tdp`), l.products},
			"loads":             {count(body, `// tileloadd `), l.loads},
			"hinted loads":      {count(body, `// tileloaddt1 `), l.hinted},
			"other vectors":     {count(body, `^\tV[A-Z]`), l.vector},
		} {
			if n[0] != n[1] {
				t.Errorf("%s, %s: %d %s, want %d", l.function, l.label, n[0], what, n[1])
			}
		}
	}
}
