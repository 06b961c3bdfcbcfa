package measure

import (
	"maps"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels"
)

type inner struct{ data []float32 }

type typed struct {
	f32   []float32
	int8  []int8
	scale []float32
}

type held struct {
	kernels.Instance
	a, b  inner
	same  []float32 // a's own memory
	wide  []int8
	empty []float64
	f     func()
	p     *inner
	k, q  typed

	scratch func() []kernels.Buffer
}

// Buffers are two pieces of one worker's memory, that of another, and one inside another.
func (h *held) Buffers() []kernels.Buffer { return h.scratch() }

func TestOperands(t *testing.T) {
	block, packed := make([]float32, 100), make([]byte, 300)
	h := &held{a: inner{block[:10]}, b: inner{block[20:50]}, same: block[5:8], wide: make([]int8, 7), empty: []float64{}, f: func() {}, p: &inner{block[60:61]},
		k: typed{int8: make([]int8, 64), scale: make([]float32, 3)}, q: typed{f32: make([]float32, 5)},
		scratch: func() []kernels.Buffer {
			return []kernels.Buffer{{Name: "packed B", Memory: packed[:100]}, {Name: "packed A", Memory: packed[100:110]}, {Name: "packed B", Memory: packed[200:250]}, {Name: "edge", Memory: packed[20:30]}}
		}}
	bytes := map[string]int64{}
	for _, a := range Operands(h) {
		bytes[a.Name] += a.Bytes
	}
	want := map[string]int64{"a": 40, "b": 120, "wide": 7, "p": 4, "k": 64 + 12, "q": 20, "packed A": 10, "packed B": 150}
	if !maps.Equal(bytes, want) {
		t.Errorf("%v, want %v", bytes, want)
	}
}

// The operands and what is packed: all of B's columns at least, for all rows, as there are few.
func TestOperandsOfMatmul(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	found, err := kernels.Find("matmul/avx2/f32")
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	in, err := found[0].Build(shape.Shape{M: 20, N: 96, K: 30}, 1)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]int64{}
	for _, a := range Operands(in) {
		names[a.Name] += a.Bytes
	}
	packed := names["packed B"]
	delete(names, "packed B")
	if want := map[string]int64{"a": 4 * 20 * 30, "b": 4 * 30 * 96, "c": 4 * 20 * 96}; !maps.Equal(names, want) || packed < want["b"] {
		t.Errorf("%v and %d B packed, want %v", names, packed, want)
	}
}
