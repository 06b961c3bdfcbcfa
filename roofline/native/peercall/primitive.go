package peercall

import (
	"errors"

	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// packed lets oneDNN lay out B as the primitive wants it, and returns the memory it is in. It is done once, untimed.
func (d *dnnl) packed(desc, plain, at userkernel.Arg) userkernel.Arg {
	if d.err != nil {
		return at
	}
	wanted, ok := ask(d.l, "dnnl_primitive_desc_query_md", desc, integer(dnnlWeightsMD2), integer(0))
	if !ok || wanted == 0 {
		d.err = errors.New("dnnl_primitive_desc_query_md: the primitive does not say how it wants B")
		return at
	}
	md := userkernel.Arg{Kind: userkernel.Int, Bits: wanted}
	size, ok := ask(d.l, "dnnl_memory_desc_get_size", md)
	if !ok || size == 0 {
		d.err = errors.New("dnnl_memory_desc_get_size: the library does not say how large B is as the primitive wants it")
		return at
	}
	mem, err := memory(int(size))
	if err != nil {
		d.err = err
		return at
	}
	to := d.memory(md, pointer(mem))
	from := d.memory(plain, at)
	reorder := d.make("dnnl_reorder_primitive_desc_create", plain, d.engine, md, d.engine, integer(0))
	run := d.make("dnnl_primitive_create", reorder)
	d.call("dnnl_primitive_execute", run, d.stream, integer(2), d.arguments(integer(dnnlSource), from, integer(dnnlResult), to))
	d.call("dnnl_stream_wait", d.stream)
	return to
}

// bindPrimitive makes the matmul primitive and binds its execution.
func bindPrimitive(l Library, p native.Problem, a, b, c userkernel.Arg, pack bool) (bound, error) {
	d := newDNNL(l)
	m, n, k := p.Shape.M, p.Shape.N, p.Shape.K
	source, result := d.matrix(p.DType, m, k), d.matrix(native.Result(p.DType), m, n)
	plain := d.matrix(p.DType, k, n)
	weights := plain
	if pack {
		weights = d.tensor(p.DType, []int{k, n}, nil)
	}
	desc := d.multiplication(source, weights, result, integer(0))
	primitive := d.primitive(desc)
	var memB userkernel.Arg
	if pack {
		memB = d.packed(desc, plain, b)
	} else {
		memB = d.memory(plain, b)
	}
	memA, memC := d.memory(source, a), d.memory(result, c)
	return d.bind("matmul of "+string(p.DType),
		d.execution(primitive, integer(dnnlSource), memA, integer(dnnlWeights), memB, integer(dnnlResult), memC))
}
