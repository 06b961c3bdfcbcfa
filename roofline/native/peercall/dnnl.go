package peercall

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// dnnl makes primitives of oneDNN through its C API. Versions 1 and 2 pass descriptors as structures, version 3 as
// handles; either way the functions get pointers, which are kept in slots of the arena. The first status that is not success
// is kept.
type dnnl struct {
	l              Library
	mem            *arena
	engine, stream userkernel.Arg
	names          []string // of the implementations that oneDNN has chosen, each once
	err            error
}

// Values of enumerations of dnnl_types.h.
const (
	dnnlCPU        = 1 // dnnl_engine_kind_t
	dnnlInOrder    = 1 // dnnl_stream_flags_t
	dnnlAny        = 1 // dnnl_format_tag_t
	dnnlSource     = 1 // arguments of a primitive
	dnnlWeights    = 33
	dnnlResult     = 17
	dnnlImplInfo   = 8       // dnnl_query_t: name of the implementation
	dnnlWeightsMD2 = 131     // dnnl_query_t: descriptor of the weights
	dnnlInference  = 96      // dnnl_prop_kind_t
	dnnlLinear     = 0x26    // dnnl_alg_kind_t of version 3
	dnnlSoftmax    = 0x30000 // dnnl_alg_kind_t
)

// dnnlTypes are values of dnnl_data_type_t, the same in versions 1 to 3 of dnnl_types.h.
var dnnlTypes = map[kernels.DType]int{kernels.F16: 1, kernels.BF16: 2, kernels.F32: 3, "int32": 4, kernels.INT8: 5}

// Sizes of the structures of versions 1 and 2, generously.
const (
	descriptorBytes = 4 << 10
	operationBytes  = 32 << 10
)

// newDNNL starts with an engine and a stream.
func newDNNL(l Library) *dnnl {
	d := &dnnl{l: l, mem: &arena{}}
	d.engine = d.make("dnnl_engine_create", integer(dnnlCPU), integer(0))
	d.stream = d.make("dnnl_stream_create", d.engine, integer(dnnlInOrder))
	return d
}

func (d *dnnl) call(name string, args ...userkernel.Arg) {
	if d.err != nil {
		return
	}
	status, ok := ask(d.l, name, args...)
	switch {
	case !ok:
		d.err = fmt.Errorf("find %s: this build does not export it", name)
	case uint32(status) == 3:
		d.err = fmt.Errorf("%s: oneDNN has no such operation on this processor (unimplemented)", name)
	case uint32(status) != 0:
		d.err = fmt.Errorf("%s: status %d (dnnl_status_t)", name, uint32(status))
	}
}

// make calls a function that stores a handle through its first argument.
func (d *dnnl) make(name string, args ...userkernel.Arg) userkernel.Arg {
	slot := d.mem.slots(1)
	d.call(name, append([]userkernel.Arg{slotAddress(slot)}, args...)...)
	return userkernel.Arg{Kind: userkernel.Int, Bits: slot[0]}
}

func (d *dnnl) handles() bool {
	_, err := d.l.Symbol("dnnl_memory_desc_create_with_strides")
	return err == nil
}

// tensor describes an array of elements by its sizes and strides; without strides oneDNN may lay it out as it likes.
func (d *dnnl) tensor(t kernels.DType, sizes, strides []int) userkernel.Arg {
	args := []userkernel.Arg{integer(len(sizes)), d.dims(sizes), integer(dnnlTypes[t]), integer(dnnlAny)}
	create, init := "dnnl_memory_desc_create_with_tag", "dnnl_memory_desc_init_by_tag"
	if strides != nil {
		args[3] = d.dims(strides)
		create, init = "dnnl_memory_desc_create_with_strides", "dnnl_memory_desc_init_by_strides"
	}
	if d.handles() {
		return d.make(create, args...)
	}
	md := pointer(d.mem.take(descriptorBytes))
	d.call(init, append([]userkernel.Arg{md}, args...)...)
	return md
}

func (d *dnnl) dims(list []int) userkernel.Arg {
	slots := d.mem.slots(len(list))
	for i, n := range list {
		slots[i] = uint64(n)
	}
	return slotAddress(slots)
}

// matrix describes a row-major matrix.
func (d *dnnl) matrix(t kernels.DType, rows, cols int) userkernel.Arg {
	return d.tensor(t, []int{rows, cols}, []int{cols, 1})
}

// scaled are attributes that let a primitive multiply its result by a factor.
func (d *dnnl) scaled(factor float32) userkernel.Arg {
	attr := d.make("dnnl_primitive_attr_create")
	if !d.handles() {
		at := (*float32)(d.mem.take(4))
		*at = factor
		d.call("dnnl_primitive_attr_set_output_scales", attr, integer(1), integer(0), pointer(unsafe.Pointer(at)))
		return attr
	}
	ops := d.make("dnnl_post_ops_create")
	d.call("dnnl_post_ops_append_eltwise", ops, integer(dnnlLinear), float(factor), float(0))
	d.call("dnnl_primitive_attr_set_post_ops", attr, ops)
	return attr
}

// multiplication describes C = A·B by the descriptors of its arrays. attributes may be 0.
func (d *dnnl) multiplication(a, b, c, attributes userkernel.Arg) (desc userkernel.Arg) {
	null := integer(0)
	if d.handles() {
		return d.make("dnnl_matmul_primitive_desc_create", d.engine, a, b, null, c, attributes)
	}
	op := pointer(d.mem.take(operationBytes))
	d.call("dnnl_matmul_desc_init", op, a, b, null, c)
	return d.make("dnnl_primitive_desc_create", op, attributes, d.engine, null)
}

// softmax describes that along the last axis, of which there are axes before.
func (d *dnnl) softmax(from, to userkernel.Arg, axis int) (desc userkernel.Arg) {
	null, kind, algorithm := integer(0), integer(dnnlInference), integer(dnnlSoftmax)
	if d.handles() {
		return d.make("dnnl_softmax_forward_primitive_desc_create", d.engine, kind, algorithm, from, to, integer(axis), null)
	}
	op := pointer(d.mem.take(operationBytes))
	d.call("dnnl_softmax_v2_forward_desc_init", op, kind, algorithm, from, to, integer(axis))
	return d.make("dnnl_primitive_desc_create", op, null, d.engine, null)
}

// primitive makes what a descriptor describes, and notes which implementation it is.
func (d *dnnl) primitive(desc userkernel.Arg) userkernel.Arg {
	p := d.make("dnnl_primitive_create", desc)
	name := d.mem.slots(1)
	d.call("dnnl_primitive_desc_query", desc, integer(dnnlImplInfo), integer(0), slotAddress(name))
	if text := cString(name[0]); text != "" && !slices.Contains(d.names, text) {
		d.names = append(d.names, text)
	}
	return p
}

// kernel is what oneDNN says of the implementations.
func (d *dnnl) kernel() string { return strings.Join(d.names, " + ") }

// memory is an array at an address.
func (d *dnnl) memory(desc, at userkernel.Arg) userkernel.Arg {
	return d.make("dnnl_memory_create", desc, d.engine, at)
}

// arguments is an array of dnnl_exec_arg_t: {int, dnnl_memory_t} each.
func (d *dnnl) arguments(pairs ...userkernel.Arg) userkernel.Arg {
	list := d.mem.slots(len(pairs))
	for i, p := range pairs {
		list[i] = p.Bits
	}
	return slotAddress(list)
}

// execution is the call that executes a primitive on arguments: pairs of what it is and the memory.
func (d *dnnl) execution(primitive userkernel.Arg, pairs ...userkernel.Arg) userkernel.Call {
	return userkernel.Call{Addr: d.symbol("dnnl_primitive_execute"),
		Args: []userkernel.Arg{primitive, d.stream, integer(len(pairs) / 2), d.arguments(pairs...)}}
}

func (d *dnnl) symbol(name string) uintptr {
	at, err := d.l.Symbol(name)
	if err != nil && d.err == nil {
		d.err = fmt.Errorf("find %s: %w", name, err)
	}
	return at
}

// bind makes the calls that are to be repeated. With the OpenMP and the sequential runtime, which Debian's and usual builds
// have, an execution has ended when the function returns.
func (d *dnnl) bind(what string, calls ...userkernel.Call) (bound, error) {
	wait := userkernel.Call{Addr: d.symbol("dnnl_stream_wait"), Args: []userkernel.Arg{d.stream}}
	if d.err != nil {
		return bound{}, fmt.Errorf("make oneDNN's %s: %w", what, d.err)
	}
	run, done := d.l.Repeat(calls...), d.l.Repeat(wait)
	return bound{kernel: d.kernel(), repeat: func(n int) { run(n); done(1) }}, nil
}
