package peercall

import (
	"fmt"
	"unsafe"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// The functions of oneDNN that multiply: those of its gemm interface, and its matmul primitive, plain or with B packed
// beforehand.
const (
	matmulPrimitive = "matmul"
	matmulPacked    = "matmul_packed"
)

// dnnlTypes are values of dnnl_data_type_t, the same in versions 1 to 3 of dnnl_types.h.
var dnnlTypes = map[kernels.DType]int{kernels.F16: 1, kernels.BF16: 2, kernels.F32: 3, "int32": 4, kernels.INT8: 5}

// bindOneDNN binds one of the functions of oneDNN.
func bindOneDNN(l Library, function string, s native.Signature, a, b, c userkernel.Arg) (bound, error) {
	if function == matmulPrimitive || function == matmulPacked {
		return bindPrimitive(l, s, a, b, c, function == matmulPacked)
	}
	fn, err := l.Symbol(function)
	if err != nil {
		return bound{}, fmt.Errorf("find %s: this build does not export it", function)
	}
	m, n, k := integer(s.Shape.M), integer(s.Shape.N), integer(s.Shape.K)
	no, zero, one := integer('N'), integer(0), float(1)
	if s.DType == kernels.INT8 {
		mem, err := newArena()
		if err != nil {
			return bound{}, err
		}
		offsets := slotAddress(mem.slots(1)) // of C: none
		return bound{repeat: l.Repeat(fn, []userkernel.Arg{no, no, integer('F'), m, n, k, one, a, k, zero, b, n, zero, float(0), c, n, offsets})}, nil
	}
	return bound{repeat: l.Repeat(fn, []userkernel.Arg{no, no, m, n, k, one, a, k, b, n, float(0), c, n})}, nil
}

// describeOneDNN reads dnnl_version_t: three ints and a hash.
func describeOneDNN(l Library) (version, kernel string) {
	at, ok := ask(l, "dnnl_version")
	if !ok || at == 0 {
		return "", ""
	}
	v := *(**struct {
		major, minor, patch int32
		hash                uint64
	})(unsafe.Pointer(&at))
	version = fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch)
	if hash := cString(v.hash); len(hash) >= 7 {
		version += " " + hash[:7]
	}
	if isa, ok := ask(l, "dnnl_get_effective_cpu_isa"); ok {
		kernel = isaName(uint32(isa))
	}
	return version, kernel
}

// isaNames are the values of dnnl_cpu_isa_t in dnnl_types.h of versions 2 and 3, which number some differently.
var isaNames = map[uint32]string{0x1: "sse41", 0x3: "avx", 0x7: "avx2", 0xf: "avx2_vnni", 0x407: "avx2_vnni", 0x1f: "avx2_vnni_2",
	0x27: "avx512_core", 0x67: "avx512_core_vnni", 0xe7: "avx512_core_bf16", 0x1e7: "avx512_core_fp16", 0x1ef: "avx512_core_fp16",
	0x3e7: "avx512_core_amx", 0xfef: "avx512_core_amx", 0x1fef: "avx512_core_amx_fp16"}

func isaName(isa uint32) string {
	if name, ok := isaNames[isa]; ok {
		return name
	}
	return fmt.Sprintf("cpu_isa %#x", isa)
}
