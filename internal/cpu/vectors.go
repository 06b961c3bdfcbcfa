package cpu

import "sync"

// VectorPipes is how wide the pipes are through which AMD's cores with AVX-512 take vectors, in bits: 256 where one of 512 bits takes two
// turns (Zen 4, and the mobile cores of Zen 5), 512 where it takes one (Zen 5). It is 0 for other processors. It may choose between ways
// of computing the same, no more: a virtual machine's model number may lie.
func VectorPipes() int { return vectorPipes() }

var vectorPipes = sync.OnceValue(func() int {
	var info Info
	identify(&info)
	return pipesOf(info.Vendor, info.Family, info.Model)
})

func pipesOf(vendor string, family, model int) int {
	switch {
	case vendor != "AuthenticAMD" || family < 25:
		return 0
	case family == 25: // those of Zen 3, without AVX-512, included
		return 256
	case family == 26 && (model>>4 == 2 || model>>4 == 6):
		return 256
	}
	return 512
}

// AddsForward says whether a floating-point addition can take the result of another one after 2 cycles, not 3: Golden Cove, Zen 5
// and the cores after them can, which are those with AVX-VNNI (uops.info; 2 cycles measured on a Zen 5).
func AddsForward() bool { return addsForward() }

var addsForward = sync.OnceValue(func() bool {
	r := machine()
	return r.arch == "amd64" && r.feature("avx_vnni") == usable
})
