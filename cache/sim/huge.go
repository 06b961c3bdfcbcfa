package sim

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const hugePage = 2 << 20

// onHugePages asks for huge pages where a large table lies: its places are looked at in no order that the host could foresee.
func onHugePages(t []uint64) {
	if len(t)*8 < 4*hugePage {
		return
	}
	begin := uintptr(unsafe.Pointer(&t[0]))
	from := (begin + hugePage - 1) / hugePage * hugePage
	end := (begin + uintptr(len(t))*8) / hugePage * hugePage
	whole := unsafe.Slice((*byte)(unsafe.Pointer(&t[(from-begin)/8])), end-from)
	_ = unix.Madvise(whole, unix.MADV_HUGEPAGE) // it may be refused
}
