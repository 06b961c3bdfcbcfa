package native

import (
	"testing"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
)

func TestPeerUseInWords(t *testing.T) {
	for want, u := range map[string]PeerUse{
		"cblas_sgemm":                                {Function: "cblas_sgemm"},
		"matmul + softmax, scores of f32":            {Function: "matmul + softmax", Scores: kernels.F32},
		"matmul + softmax, 64 queries at a time":     {Function: "matmul + softmax", Queries: 64},
		"cblas_sgemv + softmax, one query at a time": {Function: "cblas_sgemv + softmax", Queries: 1},
	} {
		if got := u.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Attention counts the pairs that are attended; operands have the bytes of their type, the output those of float32.
func TestWorkOfAttention(t *testing.T) {
	causal := Problem{"attention", kernels.BF16, shape.Shape{H: 2, Q: 3, KV: 5, D: 8, Causal: true}}.Work()
	if causal.FLOPs != 2*4*8*(3+4+5) || causal.LoadBytes != 2*2*8*(3+5+5) || causal.StoreBytes != 2*4*8*3 {
		t.Errorf("%+v", causal)
	}
	decode := Problem{"decode", kernels.F32, shape.Shape{H: 2, KV: 5, D: 8}}.Work() // q is 1
	if decode.FLOPs != 2*4*8*5 || decode.LoadBytes != 2*4*8*(1+5+5) || decode.StoreBytes != 2*4*8 {
		t.Errorf("%+v", decode)
	}
}
