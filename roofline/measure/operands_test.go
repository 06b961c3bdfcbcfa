package measure

import (
	"testing"

	"github.com/roofline-go/roofline/kernels"
)

type inner struct{ data []float32 }

type held struct {
	kernels.Instance
	a, b  inner
	same  []float32 // a's own memory
	wide  []int8
	empty []float64
	f     func()
	p     *inner
}

func TestOperands(t *testing.T) {
	block := make([]float32, 100)
	h := &held{a: inner{block[:10]}, b: inner{block[20:50]}, same: block[5:8], wide: make([]int8, 7), empty: []float64{}, f: func() {}, p: &inner{block[60:61]}}
	bytes := map[string]int64{}
	list := Operands(h)
	for _, a := range list {
		bytes[a.Name] = a.Bytes
	}
	if len(list) != 4 || bytes["a"] != 40 || bytes["b"] != 120 || bytes["wide"] != 7 || bytes["p"] != 4 {
		t.Errorf("%+v", list)
	}
}
