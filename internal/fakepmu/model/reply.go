package model

import (
	"encoding/binary"
	"syscall"

	"golang.org/x/sys/unix"
)

// Read answers a read(2) of up to size bytes. As in the kernel, reading a member of a group returns the whole group.
func (k *Kernel) Read(e *Event, size int) ([]byte, syscall.Errno) {
	format := e.Attr.ReadFormat
	reply := k.single
	if format&unix.PERF_FORMAT_GROUP != 0 {
		reply = k.group
	}
	words := reply(e, format)
	if size < 8*len(words) {
		return nil, unix.ENOSPC
	}
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b, 0
}

func (k *Kernel) single(e *Event, format uint64) []uint64 {
	shown, enabled, running := k.values(e)
	words := append([]uint64{uint64(shown)}, times(format, enabled, running)...)
	return append(words, suffix(e, format)...)
}

func (k *Kernel) group(e *Event, format uint64) []uint64 {
	members := e.lead.members
	_, enabled, running := k.values(members[0])
	words := append([]uint64{uint64(len(members))}, times(format, enabled, running)...)
	for _, m := range members {
		shown, _, _ := k.values(m)
		words = append(append(words, uint64(shown)), suffix(m, format)...)
	}
	return words
}

func times(format, enabled, running uint64) (words []uint64) {
	if format&unix.PERF_FORMAT_TOTAL_TIME_ENABLED != 0 {
		words = append(words, enabled)
	}
	if format&unix.PERF_FORMAT_TOTAL_TIME_RUNNING != 0 {
		words = append(words, running)
	}
	return words
}

// suffix is what follows an event's value: its id, and the number of lost samples.
func suffix(e *Event, format uint64) (words []uint64) {
	if format&unix.PERF_FORMAT_ID != 0 {
		words = append(words, uint64(e.ID))
	}
	if format&unix.PERF_FORMAT_LOST != 0 {
		words = append(words, 0)
	}
	return words
}
