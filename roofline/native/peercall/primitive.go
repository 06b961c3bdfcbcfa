package peercall

import (
	"fmt"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// dnnl makes a matmul primitive of oneDNN through its C API. Versions 1 and 2 pass descriptors as structures, version 3 as
// handles; either way the functions get pointers, which are kept in slots of the arena. The first status that is not success
// is kept.
type dnnl struct {
	l   Library
	mem *arena
	err error
}

// Values of enumerations of dnnl_types.h.
const (
	dnnlCPU        = 1 // dnnl_engine_kind_t
	dnnlInOrder    = 1 // dnnl_stream_flags_t
	dnnlAny        = 1 // dnnl_format_tag_t
	dnnlSource     = 1 // arguments of a primitive
	dnnlWeights    = 33
	dnnlResult     = 17
	dnnlImplInfo   = 8   // dnnl_query_t: name of the implementation
	dnnlWeightsMD2 = 131 // dnnl_query_t: descriptor of the weights
)

// Sizes of the structures of versions 1 and 2, generously.
const (
	descriptorBytes = 4 << 10
	operationBytes  = 32 << 10
)

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

// matrix describes a row-major matrix, or one that oneDNN may lay out as it likes.
func (d *dnnl) matrix(rows, cols int, t kernels.DType, free bool) userkernel.Arg {
	dims, strides := d.mem.slots(2), d.mem.slots(2)
	dims[0], dims[1] = uint64(rows), uint64(cols)
	strides[0], strides[1] = uint64(cols), 1
	args := []userkernel.Arg{integer(2), slotAddress(dims), integer(dnnlTypes[t]), slotAddress(strides)}
	create, init := "dnnl_memory_desc_create_with_strides", "dnnl_memory_desc_init_by_strides"
	if free {
		args[3] = integer(dnnlAny)
		create, init = "dnnl_memory_desc_create_with_tag", "dnnl_memory_desc_init_by_tag"
	}
	if d.handles() {
		return d.make(create, args...)
	}
	md := pointer(d.mem.take(descriptorBytes))
	d.call(init, append([]userkernel.Arg{md}, args...)...)
	return md
}

// multiplication describes C = A·B by the descriptors of its matrices.
func (d *dnnl) multiplication(engine, a, b, c userkernel.Arg) userkernel.Arg {
	null := integer(0)
	if d.handles() {
		return d.make("dnnl_matmul_primitive_desc_create", engine, a, b, null, c, null)
	}
	op := pointer(d.mem.take(operationBytes))
	d.call("dnnl_matmul_desc_init", op, a, b, null, c)
	return d.make("dnnl_primitive_desc_create", op, null, engine, null)
}

// arguments is an array of dnnl_exec_arg_t: {int, dnnl_memory_t} each.
func (d *dnnl) arguments(pairs ...userkernel.Arg) userkernel.Arg {
	list := d.mem.slots(len(pairs))
	for i, p := range pairs {
		list[i] = p.Bits
	}
	return slotAddress(list)
}

// packed lets oneDNN lay out B as the primitive wants it, and returns the memory it is in. It is done once, untimed.
func (d *dnnl) packed(engine, stream, desc, plain, at userkernel.Arg) userkernel.Arg {
	if d.err != nil {
		return at
	}
	wanted, ok := ask(d.l, "dnnl_primitive_desc_query_md", desc, integer(dnnlWeightsMD2), integer(0))
	if !ok || wanted == 0 {
		d.err = fmt.Errorf("dnnl_primitive_desc_query_md: the primitive does not say how it wants B")
		return at
	}
	md := userkernel.Arg{Kind: userkernel.Int, Bits: wanted}
	const allocate = ^uint64(0) // DNNL_MEMORY_ALLOCATE
	to := d.make("dnnl_memory_create", md, engine, userkernel.Arg{Kind: userkernel.Int, Bits: allocate})
	from := d.make("dnnl_memory_create", plain, engine, at)
	reorder := d.make("dnnl_reorder_primitive_desc_create", plain, engine, md, engine, integer(0))
	run := d.make("dnnl_primitive_create", reorder)
	d.call("dnnl_primitive_execute", run, stream, integer(2), d.arguments(integer(dnnlSource), from, integer(dnnlResult), to))
	d.call("dnnl_stream_wait", stream)
	return to
}

// bindPrimitive makes the primitive and binds its execution. With the OpenMP and the sequential runtime, which Debian's and
// usual builds have, execution has ended when the function returns.
func bindPrimitive(l Library, s native.Signature, a, b, c userkernel.Arg, pack bool) (bound, error) {
	mem, err := newArena()
	if err != nil {
		return bound{}, err
	}
	d := &dnnl{l: l, mem: mem}
	m, n, k := s.Shape.M, s.Shape.N, s.Shape.K
	engine := d.make("dnnl_engine_create", integer(dnnlCPU), integer(0))
	stream := d.make("dnnl_stream_create", engine, integer(dnnlInOrder))
	source, result := d.matrix(m, k, s.DType, false), d.matrix(m, n, native.Result(s.DType), false)
	plain := d.matrix(k, n, s.DType, false)
	weights := plain
	if pack {
		weights = d.matrix(k, n, s.DType, true)
	}
	desc := d.multiplication(engine, source, weights, result)
	primitive := d.make("dnnl_primitive_create", desc)
	var memB userkernel.Arg
	if pack {
		memB = d.packed(engine, stream, desc, plain, b)
	} else {
		memB = d.make("dnnl_memory_create", plain, engine, b)
	}
	memA, memC := d.make("dnnl_memory_create", source, engine, a), d.make("dnnl_memory_create", result, engine, c)
	list := d.arguments(integer(dnnlSource), memA, integer(dnnlWeights), memB, integer(dnnlResult), memC)
	name := d.mem.slots(1)
	d.call("dnnl_primitive_desc_query", desc, integer(dnnlImplInfo), integer(0), slotAddress(name))
	if d.err != nil {
		return bound{}, fmt.Errorf("make oneDNN's matmul of %s: %w", s.DType, d.err)
	}
	execute, err := l.Symbol("dnnl_primitive_execute")
	if err != nil {
		return bound{}, fmt.Errorf("find dnnl_primitive_execute: %w", err)
	}
	wait, err := l.Symbol("dnnl_stream_wait")
	if err != nil {
		return bound{}, fmt.Errorf("find dnnl_stream_wait: %w", err)
	}
	run := l.Repeat(execute, []userkernel.Arg{primitive, stream, integer(3), list})
	done := l.Repeat(wait, []userkernel.Arg{stream})
	return bound{kernel: cString(name[0]), repeat: func(n int) { run(n); done(1) }}, nil
}
