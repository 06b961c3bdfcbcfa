package peercall

import (
	"fmt"
	"unsafe"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// What oneDNN computes by more than a function of its gemm interface: by its matmul primitive, plain or with B packed
// beforehand, and attention by that and its softmax primitive.
const (
	matmulPrimitive = "matmul"
	matmulPacked    = "matmul_packed"
	matmulSoftmax   = "matmul + softmax"
)

// bindOneDNN binds one of the functions of oneDNN.
func bindOneDNN(l Library, p native.Problem, use native.PeerUse, operands []userkernel.Arg) (bound, error) {
	if use.Function == matmulSoftmax {
		return bindAttention(l, p, use, operands)
	}
	a, b, c := operands[0], operands[1], operands[2]
	if use.Function == matmulPrimitive || use.Function == matmulPacked {
		return bindPrimitive(l, p, a, b, c, use.Function == matmulPacked)
	}
	fn, err := l.Symbol(use.Function)
	if err != nil {
		return bound{}, fmt.Errorf("find %s: this build does not export it", use.Function)
	}
	m, n, k := integer(p.Shape.M), integer(p.Shape.N), integer(p.Shape.K)
	no, zero, one := integer('N'), integer(0), float(1)
	args := []userkernel.Arg{no, no, m, n, k, one, a, k, b, n, float(0), c, n}
	if p.DType == kernels.INT8 {
		offsets := slotAddress((&arena{}).slots(1)) // of C: none
		args = []userkernel.Arg{no, no, integer('F'), m, n, k, one, a, k, zero, b, n, zero, float(0), c, n, offsets}
	}
	return bound{repeat: l.Repeat(userkernel.Call{Addr: fn, Args: args})}, nil
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
