package kernels

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
)

// SHAPES=f32:MxNxK,... prints share of FMA ceiling
func TestThrow(t *testing.T) {
	list := os.Getenv("SHAPES")
	if list == "" {
		t.Skip()
	}
	type entry struct {
		name       string
		part, roof func()
		flops, rf  float64
		kt, rt     []float64
		cyc        float64
	}
	var all []*entry
	for _, x := range strings.Split(list, ",") {
		d, sh, _ := strings.Cut(x, ":")
		s, err := shape.Parse("matmul", sh)
		if err != nil {
			t.Fatal(err)
		}
		ks, _ := Find("matmul/avx512/" + d)
		k := ks[0]
		in, err := k.Build(s, 1)
		if err != nil {
			t.Fatal(err)
		}
		n := batchOf(func() { in.Part(0) })/4 + 1
		roof, rf := ceilingLoop(k.Roof)
		all = append(all, &entry{name: x, part: func() {
			for range n {
				in.Part(0)
			}
		}, roof: roof, flops: k.Work(s).FLOPs * float64(n), rf: rf, cyc: k.Work(s).FLOPs / map[string]float64{"f32": 32, "f64": 16}[d]})
	}
	for range 60 {
		for _, e := range all {
			e.roof()
			t0 := time.Now()
			e.part()
			t1 := time.Now()
			e.roof()
			t2 := time.Now()
			e.kt, e.rt = append(e.kt, t1.Sub(t0).Seconds()), append(e.rt, t2.Sub(t1).Seconds())
		}
	}
	for _, e := range all {
		slices.Sort(e.kt)
		slices.Sort(e.rt)
		at := func(q int) float64 { return e.flops / e.kt[q] / (e.rf / e.rt[q]) }
		m := at(12)
		fmt.Printf("%-20s %5.1f%% (%.1f %.1f)  %8.0f cycles\n", e.name, 100*m, 100*at(3), 100*at(30), e.cyc/m)
	}
}
