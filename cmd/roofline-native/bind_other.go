//go:build !amd64

package main

import "github.com/roofline-go/roofline/roofline/native/userkernel"

func bind(addr uintptr, args []userkernel.Arg, returns userkernel.Kind) (call func(), result func() uint64) {
	return bindReflect(addr, args, returns)
}

func repeat(calls ...userkernel.Call) func(n int) { return repeatReflect(calls...) }
