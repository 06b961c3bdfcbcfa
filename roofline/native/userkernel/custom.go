package userkernel

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"unsafe"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

// customVersion is ROOFLINE_KERNEL_VERSION of roofline_kernel.h.
const customVersion = 1

// customStruct is struct roofline_kernel.
type customStruct struct {
	version, size uint32
	name, dtype   *byte
	setup         uintptr // void *(const int64_t *dims, int count, int workers)
	run           uintptr // void (void *state, int worker, int workers)
	work          uintptr // void (void *state, struct roofline_work *)
	verify        uintptr // int (void *state, double *error, double *tolerance)
}

// customWork is struct roofline_work.
type customWork struct {
	flops, loadBytes, storeBytes float64
	workingSet                   int64
}

// custom is a kernel that the object describes itself.
type custom struct {
	*instance
	op    string
	dtype kernels.DType
	work  kernels.Work
}

var goodOp = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,30}$`)

// newCustom reads the struct at an address and sets its kernel up.
func newCustom(obj Object, at uintptr, s native.Signature, workers int) (*custom, error) {
	k := *(**customStruct)(unsafe.Pointer(&at))
	if k.version != customVersion || uintptr(k.size) < unsafe.Sizeof(*k) {
		return nil, fmt.Errorf("read struct roofline_kernel: version %d, size %d (want version %d, size %d: set .version = ROOFLINE_KERNEL_VERSION and .size = sizeof(struct roofline_kernel), and compile with the header of this release)",
			k.version, k.size, customVersion, unsafe.Sizeof(*k))
	}
	c := &custom{op: cString(k.name), dtype: kernels.DType(cString(k.dtype))}
	switch {
	case !goodOp.MatchString(c.op):
		return nil, fmt.Errorf("read struct roofline_kernel: the name %q (use lower-case letters, digits, dots and dashes, at most 31)", c.op)
	case native.CType(c.dtype) == "void":
		return nil, fmt.Errorf("read struct roofline_kernel: the dtype %q (use f64, f32, f16, bf16 or int8: whose compute ceiling it is held against)", c.dtype)
	case k.setup == 0 || k.run == 0 || k.work == 0 || k.verify == 0:
		return nil, errors.New("read struct roofline_kernel: setup, run, work and verify must all be set")
	}
	dims := s.Dims()
	call, result := obj.Bind(k.setup, []Arg{pointer(unsafe.Pointer(&dims[0])), integer(len(dims)), integer(workers)}, Int)
	call()
	state := Arg{Int, result()}
	if state.Bits == 0 {
		return nil, errors.New("set up: setup returned NULL")
	}
	var w customWork
	call, _ = obj.Bind(k.work, []Arg{state, pointer(unsafe.Pointer(&w))}, Int)
	call()
	c.work = kernels.Work{FLOPs: w.flops, LoadBytes: w.loadBytes, StoreBytes: w.storeBytes, WorkingSet: w.workingSet}
	for name, v := range map[string]float64{"flops": w.flops, "load_bytes": w.loadBytes, "store_bytes": w.storeBytes, "working_set": float64(w.workingSet)} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("declare work: %s is %g (set every field of struct roofline_work, 0 for none)", name, v)
		}
	}
	parts := make([]func(), workers)
	var calls []made
	for i := range parts {
		calls = append(calls, made{k.run, []Arg{state, integer(i), integer(workers)}})
		parts[i], _ = obj.Bind(k.run, calls[i].args, Int)
	}
	c.instance = &instance{
		workers: workers, call: func(worker int) { parts[worker]() }, made: calls, prepare: func() {},
		compare: func() comparison { return askObject(obj, k.verify, state) },
	}
	return c, nil
}

// askObject has the object compare its result.
func askObject(obj Object, verify uintptr, state Arg) comparison {
	out := &struct{ worst, tolerance float64 }{math.NaN(), math.NaN()}
	call, result := obj.Bind(verify, []Arg{state, pointer(unsafe.Pointer(&out.worst)), pointer(unsafe.Pointer(&out.tolerance))}, Int)
	call()
	c := comparison{against: "reference of its own verify function", operand: "the result", tolerance: out.tolerance, max: out.worst}
	switch code := int32(result()); {
	case code != 0:
		c.max, c.note = math.Inf(1), fmt.Sprintf("verify returned %d: it could not compare", code)
	case math.IsNaN(c.max) && math.IsNaN(c.tolerance):
		c.note = "verify set neither error nor tolerance"
	}
	if math.IsNaN(c.max) || math.IsNaN(c.tolerance) {
		c.max, c.tolerance = math.Inf(1), 0
	}
	return c
}

// pointer is an address in Go memory as an argument. What it points to must be kept alive by the caller; the collector
// moves nothing on the heap.
func pointer(p unsafe.Pointer) Arg { return Arg{Int, uint64(uintptr(p))} }

// cString is a C string, cut after 64 bytes; "" for NULL.
func cString(p *byte) string {
	if p == nil {
		return ""
	}
	n := 0
	for n < 64 && *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}
