package main

import (
	"bufio"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline/native"
)

// An object is found by its name, whatever stands in it, from its first mapping to its last.
func TestPlaceOf(t *testing.T) {
	const maps = `00400000-00500000 r-xp 00000000 fe:00 1234                               /usr/bin/program
7f0000000000-7f0000001000 r--p 00000000 fe:00 99                         /no/such/my kernels/libk 2.so
7f0000001000-7f0000003000 r-xp 00001000 fe:00 99                         /no/such/my kernels/libk 2.so
7f0000003000-7f0000004000 rw-p 00000000 00:00 0 
7f0000004000-7f0000005000 r--p 00000000 fe:00 98                         /no/such/my
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
`
	for path, want := range map[string]native.Loaded{
		"/no/such/my kernels/libk 2.so": {Base: 0x7f0000000000, End: 0x7f0000003000},
		"/no/such/my":                   {Base: 0x7f0000004000, End: 0x7f0000005000},
		"/no/such/my kernels":           {},
	} {
		if got := placeOf(path, bufio.NewScanner(strings.NewReader(maps))); got != want {
			t.Errorf("%s: %+v, want %+v", path, got, want)
		}
	}
}
