package ccall

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/fenced"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/instrument/object"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// target is a loaded function with its operands, in the process that runs it.
type target struct {
	spec     Spec
	object   *object.Object
	function object.Symbol
	kernel   *kernels.Kernel
	shape    shape.Shape
	instance kernels.Instance
	verified bool // the result can be verified
	arrays   [][]byte

	call func(entry uintptr, args *instrument.Arguments) (instrument.Result, error) // nil: the function as it is
	err  error                                                                      // of a call
}

// load maps the object and makes the operands.
func load(spec Spec) (*target, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	cpu.PermitTiles()
	o, err := object.Load(spec.Object)
	if err != nil {
		return nil, err
	}
	t := &target{spec: spec, object: o}
	if t.function, err = o.Function(spec.Function); err != nil {
		return nil, err
	}
	if spec.As != "" {
		err = t.known()
	} else {
		err = t.described()
	}
	return t, err
}

// known makes the kernel of a known signature.
func (t *target) known() error {
	s, err := native.Parse(t.spec.As)
	if err != nil {
		return err
	}
	k, err := userkernel.Kernel(t, uintptr(t.function.Addr), t.spec.Function, s)
	if err != nil {
		return err
	}
	t.kernel, t.shape, t.verified = k, s.Shape, true
	t.instance, err = k.Build(s.Shape, 1)
	return err
}

// described makes the kernel of any other signature.
func (t *target) described() error {
	s, err := Parse(t.spec.Signature)
	if err != nil {
		return err
	}
	var args []userkernel.Arg
	for i, a := range s {
		switch {
		case a.Len > 0:
			m, err := newArray(a, i+1)
			if err != nil {
				return err
			}
			t.arrays = append(t.arrays, m)
			args = append(args, userkernel.Arg{Kind: userkernel.Int, Bits: address(m)})
		case a.Type == F64:
			args = append(args, userkernel.Arg{Kind: userkernel.Double, Bits: math.Float64bits(a.Fill.From)})
		case a.Type == F32:
			args = append(args, userkernel.Arg{Kind: userkernel.Float, Bits: uint64(math.Float32bits(float32(a.Fill.From)))})
		default:
			args = append(args, userkernel.Arg{Kind: userkernel.Int, Bits: uint64(a.Fill.Int)})
		}
	}
	call, _ := t.Bind(uintptr(t.function.Addr), args, userkernel.Int)
	if t.err != nil {
		return t.err
	}
	in := caller(call)
	t.instance = in
	t.kernel = &kernels.Kernel{
		Op: t.spec.Function, Variant: filepath.Base(t.spec.Object), DType: dtypeOf(s), ISA: "native",
		Work:  func(shape.Shape) kernels.Work { return kernels.Work{WorkingSet: s.Bytes()} },
		Build: func(shape.Shape, int) (kernels.Instance, error) { return in, nil },
	}
	return nil
}

// dtypeOf is the element type of the arrays, where they have one in common that kernels know.
func dtypeOf(s Signature) kernels.DType {
	var found kernels.DType
	for _, t := range s.elements() {
		if !t.float() {
			continue
		}
		if found != "" {
			return ""
		}
		found = kernels.DType(t)
	}
	return found
}

// caller is an instance whose result nobody knows.
type caller func()

func (c caller) Part(int) { c() }

func (c caller) Verify() (kernels.Verification, error) {
	return kernels.Verification{}, errors.New("no reference for a function with a signature of its own")
}

// Symbol implements userkernel.Object.
func (t *target) Symbol(name string) (uintptr, error) {
	s, err := t.object.Function(name)
	return uintptr(s.Addr), err
}

// Bind implements userkernel.Object: what it returns calls the function as it is, or as t.call says.
func (t *target) Bind(addr uintptr, args []userkernel.Arg, returns userkernel.Kind) (call func(), result func() uint64) {
	var a instrument.Arguments
	for _, arg := range args {
		if arg.Kind == userkernel.Int {
			a.Ints = append(a.Ints, arg.Bits)
		} else {
			a.Floats = append(a.Floats, arg.Bits)
		}
	}
	n, err := object.NewNative(uint64(addr), a.Ints, a.Floats)
	if err != nil {
		t.err = err
		return func() {}, func() uint64 { return 0 }
	}
	var rax, xmm0 uint64
	return func() {
			if t.call == nil {
				n.Run()
				rax, xmm0 = n.Results()
				return
			}
			res, err := t.call(addr, &a)
			t.err = errors.Join(t.err, err)
			rax, xmm0 = res.RAX, res.XMM0[0]
		}, func() uint64 {
			if returns == userkernel.Int {
				return rax
			}
			return xmm0
		}
}

// subject shows the function to the counting of package instrument.
func (t *target) subject() *instrument.Subject {
	low, high := t.object.Span()
	return &instrument.Subject{
		Workload: &alone{t}, Close: func() {}, Arrays: t.operands(),
		Functions: []instrument.Function{{Name: t.spec.Function, Entry: uintptr(t.function.Addr), Size: int(max(t.function.Size, 1))}},
		Called: &instrument.Called{
			Code: t.object.Code, Name: t.object.Name, Low: uintptr(low), High: uintptr(high),
			Part: func(_ int, call func(uintptr, *instrument.Arguments) (instrument.Result, error)) error {
				t.call, t.err = call, nil
				defer func() { t.call = nil }()
				t.instance.Part(0)
				return t.err
			},
			Explain: t.explain,
		},
	}
}

// operands are the arrays that the function is called with: those of its signature by their number, as in messages, or those of
// a known operation by their names.
func (t *target) operands() []instrument.Array {
	if len(t.arrays) == 0 {
		return measure.Operands(t.instance)
	}
	var list []instrument.Array
	for i, a := range t.arrays {
		if len(a) > 0 {
			list = append(list, instrument.Array{Name: fmt.Sprintf("array %d", i+1), Addr: address(a), Bytes: int64(len(a))})
		}
	}
	return list
}

// alone is the function as a workload of one thread.
type alone struct{ t *target }

func (w *alone) ID() string { return w.t.spec.ID() }

func (w *alone) Workers() int { return 1 }

func (w *alone) OnEach(f func(worker int) error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return f(0)
}

func (w *alone) Part(int) { w.t.instance.Part(0) }

func (w *alone) Declared() map[perf.Quantity]float64 { return nil }

// where names a place in the object.
func (t *target) where(pc uint64) string {
	text := fmt.Sprintf("%s+%#x", filepath.Base(t.spec.Object), pc-t.object.Base)
	if name := t.object.Name(pc); name != "" && pc >= t.function.Addr && name == t.function.Name {
		return fmt.Sprintf("%s, %s+%#x", text, name, pc-t.function.Addr)
	} else if name != "" {
		return text + ", in " + name
	}
	return text
}

// farthest is how far from an array an address may be to be told by it: the fence, and what of a huge page may lie before the array.
const farthest = fenced.Fence + 2<<20

// operandAt says where an address lies in relation to the nearest array of a described call.
func (t *target) operandAt(addr uint64) string {
	best, text := uint64(farthest), ""
	for i, m := range t.arrays {
		begin, end := address(m), address(m)+uint64(len(m))
		switch {
		case addr >= end && addr-end < best:
			best, text = addr-end, fmt.Sprintf(", %d bytes behind the end of array %d", addr-end, i+1)
		case addr < begin && begin-addr < best:
			best, text = begin-addr, fmt.Sprintf(", %d bytes before array %d", begin-addr, i+1)
		}
	}
	if text != "" {
		return text
	}
	const page = 4096 // of amd64: the kernel maps nothing there
	if addr < page {
		return ", near NULL"
	}
	return ""
}
