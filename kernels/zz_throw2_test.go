package kernels

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
)

func TestThrow2(t *testing.T) {
	if os.Getenv("T2") == "" {
		t.Skip()
	}
	for _, s := range []shape.Shape{{M: 4, N: 129, K: 64}, {M: 8, N: 129, K: 64}, {M: 300, N: 17, K: 129}, {M: 64, N: 2, K: 300}, {M: 43, N: 4, K: 100}} {
		p := newProduct[float32, float32](s)
		l := planInPlace(p, 1, 0, avx512InPlaceF32, ownCaches())
		best := func(f func()) float64 {
			b := time.Hour
			for range 200 {
				t0 := time.Now()
				for range 20 {
					f()
				}
				b = min(b, time.Since(t0))
			}
			return float64(b.Nanoseconds()) / 20 * 3.7
		}
		c := &l.columns
		fmt.Println(s, "parts", len(l.calls), "all", best(func() {
			for i := range l.calls {
				l.calls[i].run(&l.calls[i].args)
			}
			c.run()
		}), "tiles", best(func() {
			for i := range l.calls {
				l.calls[i].run(&l.calls[i].args)
			}
		}))
		if len(c.calls) > 0 {
			fmt.Println("  cols", len(c.calls), c.col, best(func() { c.run() }), "pack", best(func() { c.pack(pointer(c.packed), pointer(p.b.at(0, c.col)), p.b.stride*4, p.b.rows) }), "dots", best(func() {
				for i := range c.calls {
					c.calls[i].run(&c.calls[i].args)
				}
			}))
		}
	}
}
