package board

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// View is a marked program's side of the board.
type View struct {
	Layout
	EventList []Event
	mem       []byte
}

// Attach maps the board that env (the value of the variable Env) tells of.
func Attach(env string) (*View, error) {
	fd, opened, err := find(env)
	if err != nil {
		return nil, fmt.Errorf("attach to region board: %w", err)
	}
	if opened {
		defer unix.Close(fd)
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, fmt.Errorf("attach to region board: %w", err)
	}
	if st.Size < headerSize || st.Size > 1<<40 {
		return nil, fmt.Errorf("attach to region board: size %d", st.Size)
	}
	mem, err := unix.Mmap(fd, 0, int(st.Size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("attach to region board: map: %w", err)
	}
	v, err := view(mem)
	if err != nil {
		_ = unix.Munmap(mem)
		return nil, fmt.Errorf("attach to region board: %w", err)
	}
	v.add(offAttached)
	return v, nil
}

// find returns the descriptor that env names, and whether it was opened here.
func find(env string) (fd int, opened bool, err error) {
	fields := strings.Split(env, ":")
	if len(fields) != 5 || fields[0] != strconv.Itoa(Version) {
		return 0, false, fmt.Errorf("%s=%.80q is of another version", Env, env)
	}
	var n [5]uint64
	for i, f := range fields {
		if n[i], err = strconv.ParseUint(f, 10, 63); err != nil {
			return 0, false, fmt.Errorf("%s: %w", Env, err)
		}
	}
	is := func(fd int) bool {
		var st unix.Stat_t
		return unix.Fstat(fd, &st) == nil && uint64(st.Dev) == n[2] && st.Ino == n[3]
	}
	if n[1] < 1<<31 && is(int(n[1])) {
		return int(n[1]), false, nil
	}
	fd, err = unix.Open(fmt.Sprintf("/proc/%d/fd/%d", n[4], n[1]), unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, false, err
	}
	if !is(fd) {
		_ = unix.Close(fd)
		return 0, false, os.ErrNotExist
	}
	return fd, true, nil
}

// view checks the header.
func view(mem []byte) (*View, error) {
	if string(mem[:len(Magic)]) != Magic || get32(mem, offVersion) != Version || get32(mem, offHeader) != headerSize {
		return nil, errors.New("not a board of this version")
	}
	count := get32(mem, offEvents)
	if count > MaxEvents {
		return nil, fmt.Errorf("%d events", count)
	}
	v := &View{mem: mem}
	for i := range int(count) {
		at := offEventList + i*eventSize
		v.EventList = append(v.EventList, Event{Type: get32(mem, at), Group: int(get32(mem, at+4)), Config: get64(mem, at+8),
			Config1: get64(mem, at+16), Config2: get64(mem, at+24), Bits: get64(mem, at+32)})
	}
	l, err := NewLayout(v.EventList)
	if err != nil {
		return nil, err
	}
	l.Slots = int(get32(mem, offSlots))
	if l.SlotSize != int(get32(mem, offSlotSize)) || len(l.Groups) != int(get32(mem, offGroups)) || l.Slots > maxSlots || l.Size() != len(mem) {
		return nil, errors.New("its header contradicts itself")
	}
	v.Layout = l
	return v, nil
}

// Close unmaps the board.
func (v *View) Close() error { return unix.Munmap(v.mem) }

// Deep notes an entry that is nested too deeply to be counted.
func (v *View) Deep() { v.add(offDeep) }

// Misused notes an End without its Start, out of order or on another thread.
func (v *View) Misused() { v.add(offMisused) }

// lost notes an entry that found no slot.
func (v *View) lost() { v.add(offLost) }

func (v *View) add(at int) { atomic.AddUint64((*uint64)(unsafe.Pointer(&v.mem[at])), 1) }
