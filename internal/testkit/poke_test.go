package testkit

import "unsafe"

// poke writes s[at] without a bounds check, as faulty assembly would.
//
//go:noinline
func poke[T any](s []T, at int, v T) {
	*(*T)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), at*int(unsafe.Sizeof(v)))) = v
}
