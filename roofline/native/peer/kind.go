package peer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

// kind is a library that roofline knows how to call.
type kind struct {
	name    string
	sonames []string // for the dynamic linker, the newest first
	debian  string   // package that has it; "" when none has
	serial  bool     // one call runs on one thread
	calls   string   // convention, see package peercall
	threads []string // environment variables that say how many threads
	private []string // beginnings of the names of environment variables that it reads: the user's are kept from it
	choose  string   // environment variable that names a kernel; "" when there is none
	cores   []core   // values of it to try
	// functions are those that compute a product of a type, each a way of its own.
	functions map[kernels.DType][]string
	vector    map[kernels.DType]string // another one for a product with a vector; may be nil
	attention string                   // functions of which attention and decode of f32 and bf16 are composed; "" when they are not
	decode    map[kernels.DType]string // functions of which decode of a type is composed
}

// core is a value of the variable that chooses a kernel, and what the kernel needs.
type core struct {
	name  string
	needs cpu.ISA
}

// decodes are what decode is composed of, see package peercall.
var decodes = map[kernels.DType]string{kernels.F32: "cblas_sgemv + softmax", kernels.BF16: "cblas_sbgemv + softmax + cblas_sbstobf16"}

var gemv = map[kernels.DType]string{kernels.F32: "cblas_sgemv", kernels.F64: "cblas_dgemv"}

var kinds = []*kind{
	{
		name: "openblas", sonames: []string{"libopenblas.so.0"}, debian: "libopenblas0-pthread", calls: "blas",
		threads: []string{"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}, private: []string{"OPENBLAS_", "GOTO_", "OMP_", "GOMP_"},
		choose: "OPENBLAS_CORETYPE",
		cores:  []core{{"SapphireRapids", cpu.AVX512}, {"Cooperlake", cpu.AVX512}, {"SkylakeX", cpu.AVX512}, {"Zen", cpu.AVX2}, {"Haswell", cpu.AVX2}},
		functions: map[kernels.DType][]string{
			kernels.F32: {"cblas_sgemm"}, kernels.F64: {"cblas_dgemm"}, kernels.BF16: {"cblas_sbgemm"},
		},
		vector: gemv, decode: decodes,
	},
	{
		name: "blis", sonames: []string{"libblis.so.5", "libblis.so.4", "libblis.so.3"}, debian: "libblis4-pthread", calls: "blas",
		threads: []string{"BLIS_NUM_THREADS", "OMP_NUM_THREADS"}, private: []string{"BLIS_", "OMP_", "GOMP_"},
		choose: "BLIS_ARCH_TYPE",
		// Version 0.9 knows numbers only, of arch_t in bli_type_defs.h, and takes a name for 0: 6 is zen3, 3 haswell.
		cores: []core{{"skx", cpu.AVX512}, {"zen5", cpu.AVX512}, {"zen4", cpu.AVX512}, {"zen3", cpu.AVX2}, {"zen2", cpu.AVX2}, {"zen", cpu.AVX2},
			{"haswell", cpu.AVX2}, {"6", cpu.AVX2}, {"3", cpu.AVX2}},
		functions: map[kernels.DType][]string{kernels.F32: {"cblas_sgemm"}, kernels.F64: {"cblas_dgemm"}},
		vector:    gemv, decode: decodes,
	},
	{
		name: "onednn", sonames: []string{"libdnnl.so.3", "libdnnl.so.3.6", "libdnnl.so.2"}, debian: "libdnnl3.6, before Debian 13 libdnnl2", calls: "onednn",
		threads: []string{"OMP_NUM_THREADS"}, private: []string{"DNNL_", "ONEDNN_", "MKLDNN_", "OMP_", "GOMP_"},
		functions: map[kernels.DType][]string{
			kernels.F32: {"matmul", "dnnl_sgemm"}, kernels.F16: {"matmul"},
			kernels.BF16: {"matmul", "dnnl_gemm_bf16bf16f32"}, kernels.INT8: {"matmul", "dnnl_gemm_s8s8s32"},
		},
		attention: "matmul + softmax",
	},
	{
		name: "onednn-packed", sonames: []string{"libdnnl.so.3", "libdnnl.so.3.6", "libdnnl.so.2"}, debian: "libdnnl3.6, before Debian 13 libdnnl2", calls: "onednn",
		threads: []string{"OMP_NUM_THREADS"}, private: []string{"DNNL_", "ONEDNN_", "MKLDNN_", "OMP_", "GOMP_"},
		functions: map[kernels.DType][]string{
			kernels.F32: {"matmul_packed"}, kernels.F16: {"matmul_packed"}, kernels.BF16: {"matmul_packed"}, kernels.INT8: {"matmul_packed"},
		},
	},
	{
		name: "libxsmm", sonames: []string{"libxsmm.so.2", "libxsmm.so.1"}, calls: "xsmm", serial: true, private: []string{"LIBXSMM_"},
		choose: "LIBXSMM_TARGET", cores: []core{{"cpx", cpu.AVX512}, {"skx", cpu.AVX512}, {"hsw", cpu.AVX2}},
		functions: map[kernels.DType][]string{kernels.F32: {"libxsmm_sgemm"}, kernels.F64: {"libxsmm_dgemm"}},
	},
}

// Names are the peers that can be named.
func Names() (names []string) {
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// way is how a library is made to use one of its kernels.
type way struct {
	Environment []string // e.g. BLIS_ARCH_TYPE=skx; none: the library's own choice
	Use         native.PeerUse
}

// String names the way in messages.
func (w way) String() string {
	return strings.Join(append(slices.Clone(w.Environment), w.Use.String()), " ")
}

// ways are those of a problem that may run on this processor. forced, if not "", is the only kernel to use.
func (k *kind) ways(p native.Problem, forced string) (list []way) {
	for _, u := range k.uses(p) {
		if forced != "" {
			list = append(list, way{[]string{k.choose + "=" + forced}, u})
			continue
		}
		list = append(list, way{Use: u})
		for _, c := range k.cores {
			if cpu.Usable(c.needs) == nil {
				list = append(list, way{[]string{k.choose + "=" + c.name}, u})
			}
		}
	}
	return list
}

// uses are the library's functions for a problem; none where it has no function for it.
func (k *kind) uses(p native.Problem) (list []native.PeerUse) {
	if p.Op != "matmul" {
		return k.compositions(p)
	}
	functions := k.functions[p.DType]
	if v := k.vector[p.DType]; v != "" && (p.Shape.M == 1 || p.Shape.N == 1) {
		functions = append([]string{v}, functions...)
	}
	for _, f := range functions {
		list = append(list, native.PeerUse{Function: f})
	}
	return list
}

// compositions are the ways to compose attention: all of it at once, unless it is causal or its scores fill too much memory, or so
// many queries of a head at a time, and scores of bf16 in either type.
func (k *kind) compositions(p native.Problem) (list []native.PeerUse) {
	scores := map[kernels.DType][]kernels.DType{kernels.F32: {""}, kernels.BF16: {kernels.F32, kernels.BF16}}[p.DType]
	if f := k.decode[p.DType]; f != "" && p.Op == "decode" && cpu.Usable(cpu.AVX512) == nil { // which our softmax needs
		return []native.PeerUse{{Function: f, Queries: 1}}
	}
	if k.attention == "" || p.Op != "attention" && p.Op != "decode" {
		return nil
	}
	const largest = 1 << 26 // scores
	s := p.Shape
	s.Q = max(s.Q, 1)
	var sizes []int
	if !s.Causal && s.H*s.Q*s.KV <= largest {
		sizes = append(sizes, 0)
	}
	for _, n := range []int{1, 32, 64, 128, 256} {
		if n < s.Q && n > 1 || n == 1 && s.Q == 1 && s.H > 1 {
			sizes = append(sizes, n)
		}
	}
	if len(sizes) == 0 || s.Causal && s.Q <= 256 {
		sizes = append(sizes, s.Q)
	}
	for _, n := range sizes {
		for _, t := range scores {
			list = append(list, native.PeerUse{Function: k.attention, Queries: n, Scores: t})
		}
	}
	return list
}

// exported are the functions that have to be found in the library.
func (k *kind) exported() (list []string) {
	for _, functions := range k.functions {
		for _, f := range functions {
			list = append(list, needs(f)...)
		}
	}
	if k.calls == "onednn" {
		list = append(list, "dnnl_engine_create") // its primitives begin with one
	}
	for _, f := range k.decode {
		list = append(list, needs(f)...)
	}
	return list
}

// needs are the functions that have to be exported for what may be put together of several, or be no function but a primitive.
func needs(function string) []string {
	return slices.DeleteFunc(strings.Split(function, " + "), func(f string) bool {
		return strings.HasPrefix(f, "matmul") || f == "softmax"
	})
}

// environment is that of a process: the user's, without what the library would read of it, the number of threads, and the way.
func (k *kind) environment(user []string, threads int, w way) []string {
	env := slices.DeleteFunc(slices.Clone(user), func(v string) bool {
		return slices.ContainsFunc(k.private, func(p string) bool { return strings.HasPrefix(v, p) })
	})
	for _, name := range k.threads {
		env = append(env, name+"="+strconv.Itoa(threads))
	}
	return append(env, w.Environment...)
}
