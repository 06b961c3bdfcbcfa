package mangled

import (
	"strings"
	"testing"
)

// The symbols are those of g++ 12 and rustc; c++filt says the same.
func TestMeans(t *testing.T) {
	for _, c := range []struct {
		symbol, source string
		means, not     []string
	}{
		{"_ZNK2ns1KIdE3runEPKdl", "ns::K<double>::run",
			[]string{"ns::K<double>::run", "ns::K<double>::run(double const*, long) const", "ns::K<double>::run(double const*,long)const", "ns::K::run"},
			[]string{"run", "K<double>::run", "ns::K<float>::run", "ns::K<double>::run(double const*)", "ns::K<double>::running"}},
		{"_ZN2ns5twiceIdEET_PKS1_l", "ns::twice<double>", []string{"ns::twice<double>(double const*, long)", "ns::twice"}, []string{"ns::twice<float>"}},
		{"_ZN2ns3dotEPKdS1_l", "ns::dot", []string{"ns::dot", "ns::dot(double const*, double const*, long)"}, []string{"dot"}},
		{"_Z3dotPKdS0_l", "dot", []string{"dot"}, []string{"ns::dot"}},
		{"_ZNK2ns1KIdE3runEPKdl.isra.0", "ns::K<double>::run", nil, []string{"ns::K<double>::run"}},
		{"_RNvCs1234_7mycrate3foo", "mycrate::foo", []string{"mycrate::foo"}, []string{"foo"}},
		{"memcpy", "memcpy", nil, []string{"memcpy"}},
	} {
		if got := Source(c.symbol); got != c.source {
			t.Errorf("%s is %s in the source, want %s", c.symbol, got, c.source)
		}
		for _, name := range c.means {
			if !Means(name, c.symbol) {
				t.Errorf("%s does not mean %s", name, c.symbol)
			}
		}
		for _, name := range c.not {
			if Means(name, c.symbol) {
				t.Errorf("%s means %s", name, c.symbol)
			}
		}
	}
	if got := Base("_ZNK2ns1KIdE3runEPKdl.isra.0"); got != "_ZNK2ns1KIdE3runEPKdl" {
		t.Error(got)
	}
}

func TestIsClone(t *testing.T) {
	for symbol, want := range map[string]bool{
		"f.constprop.0": true, "f.isra.0.cold": true, "f.part.1": true, "f.avx2": true, "f.arch_x86_64_v3": true, "f.default": true,
		"f.llvm.123": true, "f": false, "ff.isra.0": false, "f.": false, "f.run": false, "f.run.func1": false,
	} {
		if got := IsClone(symbol, "f"); got != want {
			t.Errorf("IsClone(%q) = %v, want %v", symbol, got, want)
		}
	}
}

func TestSimilar(t *testing.T) {
	symbols := []string{"runtime.main", "main.main", "main.domain", "gcd", "gemm_kernel", "gemm_kernel_avx2", "_ZN2ns1fEd", "_ZN2ns5solveEd"}
	for name, want := range map[string]string{
		"main":       "main.main main.domain runtime.main", // the shortest first
		"gdc":        "gcd",
		"GEMM":       "gemm_kernel gemm_kernel_avx2",
		"ns::solve":  "ns::solve",
		"gemm_kernl": "gemm_kernel",
		"xyz":        "",
		"f":          "",
	} {
		if got := strings.Join(Similar(name, symbols), " "); got != want {
			t.Errorf("Similar(%q) = %q, want %q", name, got, want)
		}
	}
}
