package native

import (
	"fmt"

	"github.com/roofline-go/roofline/kernels"
)

// CType is the C type of an input element.
func CType(d kernels.DType) string {
	switch d {
	case kernels.F64:
		return "double"
	case kernels.F32:
		return "float"
	case kernels.F16, kernels.BF16:
		return "uint16_t"
	case kernels.INT8:
		return "int8_t"
	}
	return "void"
}

// Result is the type of the elements of a matmul's product: that of the inputs, and what sums of narrow ones are kept in.
func Result(d kernels.DType) kernels.DType {
	switch d {
	case kernels.F16, kernels.BF16:
		return kernels.F32
	case kernels.INT8:
		return "int32"
	}
	return d
}

// Prototype is the declaration of the function in C.
func (s Signature) Prototype(function string) string {
	t := CType(s.DType)
	switch {
	case s.Form == Struct:
		return fmt.Sprintf("struct roofline_kernel %s", function)
	case s.Form == CBLAS:
		return fmt.Sprintf("void %s(int layout, int transA, int transB, int m, int n, int k, %s alpha, const %s *A, int lda, const %s *B, int ldb, %s beta, %s *C, int ldc)",
			function, t, t, t, t, t)
	}
	switch s.Op {
	case "matmul":
		u := CType(Result(s.DType))
		if s.DType == kernels.INT8 {
			u = "int32_t"
		}
		return fmt.Sprintf("void %s(const %s *A, const %s *B, %s *C, int m, int n, int k)", function, t, t, u)
	case "attention":
		return fmt.Sprintf("void %s(const float *q, const float *k, const float *v, float *o, int heads, int queries, int keys, int d, int causal)", function)
	case "axpy":
		return fmt.Sprintf("void %s(long n, %s a, const %s *x, %s *y)", function, t, t, t)
	case "triad":
		return fmt.Sprintf("void %s(long n, %s s, const %s *b, const %s *c, %s *a)", function, t, t, t, t)
	case "dot":
		return fmt.Sprintf("%s %s(long n, const %s *x, const %s *y)", t, function, t, t)
	}
	return fmt.Sprintf("void %s(long n, const %s *src, %s *dst)", function, t, t)
}

// Declare says how the object must declare the symbol.
func Declare(s Signature, function string) string {
	if s.Form == Struct {
		return "declare it as: " + s.Prototype(function) + " = {…}; in C++ within extern \"C\""
	}
	return "declare it as: " + s.Prototype(function) + "; not static, in C++ extern \"C\""
}
