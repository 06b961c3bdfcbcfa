package shape

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		op, text string
		want     Shape
	}{
		{"matmul", "512x256x64", Shape{M: 512, N: 256, K: 64}},
		{"gemv", "30x40", Shape{M: 30, N: 40}},
		{"triad", "1048576", Shape{N: 1048576}},
		{"dot", "n=5", Shape{N: 5}},
		{"copy", "16Mi", Shape{N: 1 << 24}},
		{"matmul", "1Kix64x2Ki", Shape{M: 1024, N: 64, K: 2048}},
		{"decode", "h=2,q=1,kv=4Ki,d=16", Shape{H: 2, Q: 1, KV: 4096, D: 16}},
		{"attention", "h=8,q=1024,kv=512,d=64", Shape{H: 8, Q: 1024, KV: 512, D: 64}},
		{"attention", "q=16,d=64,causal", Shape{H: 1, Q: 16, KV: 16, D: 64, Causal: true}},
		{"decode", "h=2,kv=9,d=16", Shape{H: 2, Q: 1, KV: 9, D: 16}},
	} {
		if got, err := Parse(tt.op, tt.text); err != nil || got != tt.want {
			t.Errorf("Parse(%s, %q) = %+v, %v, want %+v", tt.op, tt.text, got, err, tt.want)
		}
	}
}

func TestParseNamesTheFaultAndTheForm(t *testing.T) {
	for _, tt := range []struct{ op, text, want string }{
		{"matmul", "0x1x1", "0 is not positive"}, {"matmul", "1x-2x1", "-2 is not positive"}, {"matmul", "1x2", "got 2, need 3"},
		{"matmul", "4096", "got 1, need 3"}, {"matmul", "axbxc", `"a" is not`}, {"matmul", "99999999999999999999x1x1", "too large"}, {"triad", "", "whole number"}, {"dot", "1Ti", "whole number"},
		{"dot", "999999999999Gi", "too large"}, {"matmul", "1073741824x1x1073741824", "1073741824·1073741824·1 elements"},
		{"attention", "h=1Mi,q=1Mi,kv=1,d=1Mi", "too large"}, {"attention", "q=1Gi,d=1", "too large"}, {"copy", "-1Ki", "-1Ki is not positive"},
		{"attention", "q=1,q=2,d=3", "q is given twice"}, {"attention", "q=4", "d is missing"}, {"attention", "banana", "banana"},
		{"attention", "q=1,d=2,causal,causal", "twice"}, {"decode", "q=2,kv=3,d=4", "one query"}, {"decode", "kv=3,d=4,causal", "sees all keys"},
	} {
		_, err := Parse(tt.op, tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), Form(tt.op)) {
			t.Errorf("Parse(%s, %q): error %v does not say %q and the form", tt.op, tt.text, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1x2x3", "h=1,q=2,kv=3,d=4,causal", "5", "n=9", "3x4", "x", "q=,"} {
		f.Add("matmul", s)
		f.Add("attention", s)
		f.Add("decode", s)
		f.Add("dot", s)
	}
	f.Fuzz(func(t *testing.T, op, text string) {
		s, err := Parse(op, text)
		if err != nil {
			return
		}
		for _, operand := range [][]int{{s.M, s.K}, {s.K, s.N}, {s.M, s.N}, {s.H, s.Q, s.D}, {s.H, s.KV, s.D}, {s.H, s.Q, s.KV}} {
			bytes := 8.0
			for _, n := range operand {
				bytes *= float64(max(n, 1))
			}
			if bytes >= 1<<63 {
				t.Errorf("%s %q: an operand of %g bytes", op, text, bytes)
			}
		}
		if again, err := Parse(op, s.String()); err != nil || again != s {
			t.Errorf("%s %q → %+v → %q → %+v, %v", op, text, s, s, again, err)
		}
	})
}
