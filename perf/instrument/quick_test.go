//go:build amd64

package instrument

import (
	"fmt"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

func TestQuick(t *testing.T) {
	t0 := time.Now()
	fs := Assembly("github.com/roofline-go/roofline/kernels/asm.")
	fmt.Println(len(fs), time.Since(t0))
	k, err := kernels.Find("matmul/avx512/f32")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := shape.Parse("matmul", "512x512x512")
	in, err := k[0].Build(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	in.Part(0)
	p, err := New(fs, Options{Mode: rewrite.Count})
	if err != nil {
		t.Fatal(err)
	}
	th, err := p.NewThread()
	if err != nil {
		t.Fatal(err)
	}
	undo, err := p.Patch()
	if err != nil {
		t.Fatal(err)
	}
	if err := th.Run(func() { in.Part(0) }); err != nil {
		t.Fatal(err)
	}
	fmt.Println(th.Run(func() { fmt.Println(in.Verify()) }))
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	var n uint64
	for _, b := range p.rw.Blocks {
		c := th.counters()[b.Counter]
		n += c * uint64(len(b.Insts))
		if c > 0 {
			fmt.Printf("%#x %d x %d\n", b.Addr, len(b.Insts), c)
		}
	}
	fmt.Println("instructions", n)
}
