package main

import (
	"math"
	"reflect"

	"github.com/ebitengine/purego"

	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

var goTypes = map[userkernel.Kind]reflect.Type{
	userkernel.Int:    reflect.TypeFor[uintptr](),
	userkernel.Float:  reflect.TypeFor[float32](),
	userkernel.Double: reflect.TypeFor[float64](),
}

// bindReflect calls by purego's own means, which know every architecture it supports. A call takes some 0.3 µs and allocates.
func bindReflect(addr uintptr, args []userkernel.Arg, returns userkernel.Kind) (call func(), result func() uint64) {
	var types []reflect.Type
	var values []reflect.Value
	for _, a := range args {
		types = append(types, goTypes[a.Kind])
		switch a.Kind {
		case userkernel.Float:
			values = append(values, reflect.ValueOf(math.Float32frombits(uint32(a.Bits))))
		case userkernel.Double:
			values = append(values, reflect.ValueOf(math.Float64frombits(a.Bits)))
		default:
			values = append(values, reflect.ValueOf(uintptr(a.Bits)))
		}
	}
	fn := reflect.New(reflect.FuncOf(types, []reflect.Type{goTypes[returns]}, false))
	purego.RegisterFunc(fn.Interface(), addr)
	var out []reflect.Value
	return func() { out = fn.Elem().Call(values) }, func() uint64 {
		switch v := out[0].Interface().(type) {
		case float32:
			return uint64(math.Float32bits(v))
		case float64:
			return math.Float64bits(v)
		case uintptr:
			return uint64(v)
		}
		return 0
	}
}

// repeatReflect makes calls in a row, all of them n times.
func repeatReflect(calls ...userkernel.Call) func(n int) {
	bound := make([]func(), len(calls))
	for i, c := range calls {
		bound[i], _ = bindReflect(c.Addr, c.Args, userkernel.Int)
	}
	return func(n int) {
		for range n {
			for _, call := range bound {
				call()
			}
		}
	}
}
