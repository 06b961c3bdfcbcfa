package model

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Sizes of struct perf_event_attr.
const (
	attrSizeVer0 = 64
	AttrSize     = 136 // as much of it as is looked at
	maxAttrSize  = 4096
)

// Attr is the part of struct perf_event_attr that decides what is counted.
type Attr struct {
	Type, Size                             uint32
	Config, Period, SampleType, ReadFormat uint64
	Bits                                   uint64
	Config1, Config2                       uint64
}

// SizeOf returns how many bytes the program's attr has, from its first eight; ok is false where the kernel says E2BIG.
func SizeOf(head []byte) (size int, ok bool) {
	n := binary.LittleEndian.Uint32(head[4:])
	if n == 0 {
		n = attrSizeVer0
	}
	return int(n), n >= attrSizeVer0 && n <= maxAttrSize
}

// ParseAttr reads the first AttrSize bytes of a program's attr; what the program's is shorter must be zero.
func ParseAttr(raw []byte) Attr {
	q := func(at int) uint64 { return binary.LittleEndian.Uint64(raw[at:]) }
	size, _ := SizeOf(raw)
	return Attr{
		Type: binary.LittleEndian.Uint32(raw), Size: uint32(size),
		Config: q(8), Period: q(16), SampleType: q(24), ReadFormat: q(32), Bits: q(40), Config1: q(56), Config2: q(64),
	}
}

func (a Attr) has(bit uint64) bool { return a.Bits&bit != 0 }

func (a Attr) sampling() bool { return a.Period != 0 }

// Software says whether the running kernel counts the event by itself, without a PMU.
func (a Attr) Software() bool {
	return a.Type == unix.PERF_TYPE_SOFTWARE || a.Type == unix.PERF_TYPE_TRACEPOINT || a.Type == unix.PERF_TYPE_BREAKPOINT
}
