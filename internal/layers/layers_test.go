// Package layers holds the test of the direction of imports: a package imports only packages of lower layers.
package layers

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/roofline-go/roofline/"

// order lists the layers from the lowest to the highest. A package may import packages that stand before it.
// Packages that are not listed fail the test: a new package takes its place here deliberately.
var order = []string{
	"internal/units", "internal/half", "internal/shape", "internal/testkit", "internal/edit", "internal/mangled", "internal/samename", "internal/atomicfile", "internal/cachedir", "internal/manual", "internal/subprocess", "internal/fenced", "docs", "internal/layers",
	"internal/cpu", "internal/workers",
	"cache", "cache/sim",
	"perf", "perf/perftest", "perf/uarch", "perf/event", "perf/region/board", "perf/region", "perf/command",
	"perf/instrument/decode", "perf/instrument/decode/objdump", "perf/instrument/flops", "perf/instrument/blocks", "perf/instrument/rewrite",
	"perf/instrument", "perf/instrument/object", "perf/instrument/inject", "internal/tileemu",
	"kernels/asm", "kernels/kerneltest", "kernels",
	"roofline/stats", "roofline", "roofline/analysis",
	"perf/known",
	"internal/machine", "roofline/ceilings", "roofline/doctor", "roofline/session", "roofline/measure",
	"roofline/compare", "roofline/history", "roofline/tune", "roofline/top",
	"roofline/native", "roofline/native/userkernel", "roofline/native/ccall", "roofline/native/helper", "roofline/native/peercall", "roofline/native/peer", "cmd/roofline-native", "internal/watch", "roofline/bench/metric", "roofline/bench", "roofline/gobench", "roofline/loop",
	"plots", "plots/report",
	"internal/fakepmu/model", "internal/fakepmu/scenario", "internal/fakepmu",
	"internal/pmuvm", "internal/pmuvm/loop", "internal/pmuvm/probe", "internal/pmuvm/regions", "internal/pmuvm/init", "internal/pmuvm/initrd", "internal/pmuvm/check",
	"docs/examples/transformer",
	"scripts", "scripts/gate", "scripts/likwid", "scripts/cachegrind", "scripts/wrapper", "scripts/decoder", "scripts/encodings", "scripts/peers", "scripts/emulate-tiles",
	"cmd/roofline",
}

// forbidden names imports that would be downward but are refused all the same.
var forbidden = map[string][]string{
	"kernels": {"perf"},
	"cache":   {"kernels"},
	"plots":   {"roofline/measure", "roofline/ceilings", "kernels", "internal/machine", "internal/cpu"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestImportDirection(t *testing.T) {
	packages := list(t)
	if len(packages) < 10 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	rank := map[string]int{}
	for i, p := range order {
		rank[p] = i
	}
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		own, ok := rank[name]
		if !ok {
			t.Errorf("package %s has no layer: give it its place in the list of this test", name)
			continue
		}
		for _, imp := range p.Imports {
			dep, inside := strings.CutPrefix(imp, module)
			if !inside {
				continue
			}
			if r, ok := rank[dep]; !ok || r >= own {
				t.Errorf("%s imports %s, which is not in a lower layer", name, dep)
			}
			for _, no := range forbidden[top(name)] {
				if dep == no || strings.HasPrefix(dep, no+"/") {
					t.Errorf("%s imports %s: %s and %s are kept apart", name, dep, top(name), no)
				}
			}
		}
	}
}

func top(pkg string) string { first, _, _ := strings.Cut(pkg, "/"); return first }

func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
