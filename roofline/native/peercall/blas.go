package peercall

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// convention is how the functions of a library are called.
type convention struct {
	symbol   string // that every library of the kind exports
	describe func(l Library) (version, kernel string)
	bind     func(l Library, p native.Problem, use native.PeerUse, operands []userkernel.Arg) (bound, error)
}

// bound is a function with its arguments.
type bound struct {
	repeat func(n int)
	kernel string // what the library says of the kernel it has chosen for these; may be empty
}

var conventions = map[string]convention{
	"blas":   {"cblas_sgemm", describeBLAS, bindBLAS},
	"xsmm":   {"libxsmm_sgemm", describeXSMM, bindXSMM},
	"onednn": {"dnnl_version", describeOneDNN, bindOneDNN},
}

// bindBLAS binds cblas_sgemm, cblas_dgemm or OpenBLAS's cblas_sbgemm, for a vector cblas_sgemv or cblas_dgemv, or decode.
func bindBLAS(l Library, p native.Problem, use native.PeerUse, operands []userkernel.Arg) (bound, error) {
	if use.Function == gemvSoftmax || use.Function == sbgemvSoftmax {
		return bindDecode(l, p, operands)
	}
	fn, err := l.Symbol(use.Function)
	if err != nil {
		return bound{}, fmt.Errorf("find %s: this build does not export it", use.Function)
	}
	a, b, c := operands[0], operands[1], operands[2]
	args := userkernel.CBLAS(p, a, b, c)
	if strings.HasSuffix(use.Function, "gemv") {
		args = gemv(p, a, b, c)
	}
	return bound{repeat: l.Repeat(userkernel.Call{Addr: fn, Args: args})}, nil
}

// gemv is the argument list of cblas_sgemv and cblas_dgemv for a product with one row or one column.
func gemv(s native.Problem, a, b, c userkernel.Arg) []userkernel.Arg {
	const rowMajor, noTrans, trans = 101, 111, 112
	m, n, k, one := integer(s.Shape.M), integer(s.Shape.N), integer(s.Shape.K), integer(1)
	alpha, beta := float(1), float(0)
	if s.DType == kernels.F64 {
		alpha, beta = double(1), double(0)
	}
	if s.Shape.M == 1 { // C' = B'·A'
		return []userkernel.Arg{integer(rowMajor), integer(trans), k, n, alpha, b, n, a, one, beta, c, one}
	}
	return []userkernel.Arg{integer(rowMajor), integer(noTrans), m, k, alpha, a, k, b, one, beta, c, one}
}

// describeBLAS asks what OpenBLAS and BLIS have functions for.
func describeBLAS(l Library) (version, kernel string) {
	if config := text(l, "openblas_get_config"); config != "" {
		return config, text(l, "openblas_get_corename")
	}
	version = text(l, "bli_info_get_version_str")
	ask(l, "bli_init") // before it is, asking for the kernel that BLIS_ARCH_TYPE names aborts
	if arch, ok := ask(l, "bli_arch_query_id"); ok {
		kernel = text(l, "bli_arch_string", integer(int(int32(arch))))
	}
	return version, kernel
}
