package kernels

import (
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// Every value of every parameter, and all last values together, must compute the right result.
func TestEverySettingIsRight(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	shapes := map[string]shape.Shape{"matmul": {M: 37, N: 531, K: 650}, "attention": {H: 2, Q: 101, KV: 333, D: 64}}
	tried := 0
	for _, k := range All() {
		if len(k.Params) == 0 || cpu.Usable(k.ISA) != nil {
			continue
		}
		s := shapes[k.Op]
		all := Setting{}
		sets := []Setting{nil, all}
		for _, p := range k.Params {
			all[p.Name] = p.Values[len(p.Values)-1]
			for _, v := range p.Values[1:] {
				sets = append(sets, Setting{p.Name: v})
			}
		}
		for _, set := range sets {
			t.Run(k.ID()+" "+set.String(), func(t *testing.T) {
				defer k.Use(s, nil)
				if err := k.Use(s, set); err != nil {
					t.Fatal(err)
				}
				instance, err := k.Build(s, 2)
				if err != nil {
					t.Fatal(err)
				}
				if v, err := instance.Verify(); err != nil || !(v.MaxError <= v.Tolerance) {
					t.Errorf("%+v, %v", v, err)
				}
				tried++
			})
		}
	}
	if tried == 0 && cpu.Usable(cpu.AVX2) == nil {
		t.Error("no kernel has parameters")
	}
}

func TestSettingsReachTheCode(t *testing.T) {
	c := caches{l1: 32 << 10, l1Ways: 8, l2: 1 << 20}
	u := &microKernel{rows: 12, cols: 32, depth: 320}
	base := u.with(nil).blocking(4096, 4096, 4096, 4, c)
	if g := u.with(Setting{"depth": 128}).blocking(4096, 4096, 4096, 4, c); g.depth != 128 || base.depth == 128 {
		t.Errorf("depth: %+v, default %+v", g, base)
	}
	if g := u.with(Setting{"share": 25}).blocking(4096, 4096, 4096, 4, c); g.cols >= base.cols {
		t.Errorf("share: %+v, default %+v", g, base)
	}
	if g := u.with(Setting{"fuse": 2}).blocking(4096, 4096, 4096, 4, c); !g.fuse || base.fuse {
		t.Errorf("fuse: %+v, default %+v", g, base)
	}
	if k := (&laneKernels{keys: 96, group: 8}).with(Setting{"keys": 48}); k.keys != 48 || k.group != 8 {
		t.Errorf("%+v", k)
	}
}

func TestUseRefuses(t *testing.T) {
	k := &Kernel{Op: "x", Variant: "y", DType: F32, Params: []Param{{Name: "depth", Values: []int{1, 2}}}}
	for _, set := range []Setting{{"deep": 1}, {"depth": 3}} {
		if err := k.Use(shape.Shape{N: 1}, set); err == nil || !strings.Contains(err.Error(), "x/y/f32") {
			t.Errorf("%v: %v", set, err)
		}
	}
	if got := (Setting{"b": 2, "a": 1}).String(); got != "a=1,b=2" {
		t.Errorf("%q", got)
	}
}
