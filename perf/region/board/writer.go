package board

import (
	"hash/fnv"
	"strconv"
	"sync/atomic"
	"unsafe"
)

// Writer is a slot as its thread sees it.
type Writer struct {
	mem    []byte
	copies [2][]uint64
	seq    uint64
}

// Claim takes a new slot for a region of the calling thread; nil when the board is full. opened, errno and refused say which
// groups of events the thread has opened.
func (v *View) Claim(name string, pid, tid int, opened uint64, errno uint32, refused int) *Writer {
	if get64(v.mem, offCursor) >= uint64(v.Slots) {
		v.lost()
		return nil
	}
	i := atomic.AddUint64((*uint64)(unsafe.Pointer(&v.mem[offCursor])), 1) - 1
	if i >= uint64(v.Slots) {
		v.lost()
		return nil
	}
	at := headerSize + int(i)*v.SlotSize
	mem := v.mem[at : at+v.SlotSize : at+v.SlotSize]
	put32(mem, offState, stateClaim)
	put32(mem, offPID, uint32(pid))
	put32(mem, offTID, uint32(tid))
	put32(mem, offNameLen, uint32(copy(mem[offName:offCopies], Shorten(name))))
	put64(mem, offOpened, opened)
	put32(mem, offErrno, errno)
	put32(mem, offRefused, uint32(refused))
	put64(mem, offThreads, 1)
	w := &Writer{mem: mem}
	n := v.copyWords()
	for c := range w.copies {
		w.copies[c] = unsafe.Slice((*uint64)(unsafe.Pointer(&mem[offCopies+8*n*c])), n)
	}
	put32(mem, offState, stateReady)
	return w
}

// Shorten cuts a name that is too long for a slot and makes it distinct by a hash (FNV-1a, 32 bits) of the whole name. An
// empty name becomes "(unnamed)".
func Shorten(name string) string {
	if name == "" {
		return "(unnamed)"
	}
	if len(name) <= MaxName {
		return name
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	digits := strconv.FormatUint(1<<32|uint64(h.Sum32()), 16)[1:]
	return name[:MaxName-9] + "~" + digits
}

// Open tells how many entries have begun and not ended. Like Publish it does nothing on a nil Writer.
func (w *Writer) Open(n uint64) {
	if w != nil {
		put64(w.mem, offOpen, n)
	}
}

// Publish replaces the totals by new ones. total and self have ValueWords words each.
func (w *Writer) Publish(calls, first, last uint64, total, self []uint64) {
	if w == nil {
		return
	}
	c := w.copies[(w.seq+1)&1]
	store(&c[0], calls)
	store(&c[1], first)
	store(&c[2], last)
	for i, v := range total {
		store(&c[copyHead+i], v)
	}
	for i, v := range self {
		store(&c[copyHead+len(total)+i], v)
	}
	w.seq++
	put64(w.mem, offSeq, w.seq)
}
