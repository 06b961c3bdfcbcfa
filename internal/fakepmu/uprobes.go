//go:build linux && (amd64 || arm64)

package main

import (
	"debug/elf"
	"debug/gosym"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
)

const uprobeType = "/sys/bus/event_source/devices/uprobe/type"

// uprobes counts executions of functions by the kernel's user-space probes. It needs root and a kernel with uprobes. Opening
// and closing a probe takes the kernel long, so that probes stay open and serve all events that want the same.
type uprobes struct {
	open    map[probed]*probe
	turn    int    // of the supervisor: within one, a probe is read once
	pid     int    // of the program
	kind    uint32 // the type of the uprobe PMU
	program string // its executable
	symbols map[string]uint64
}

// probed is what a probe counts.
type probed struct {
	thread  int
	inherit bool
	symbol  string
}

// probe is one open uprobe per CPU, or one for a thread.
type probe struct {
	by    *uprobes
	fds   []int
	turn  int // of the latest reading
	count float64
}

// Open counts executions of the program's function symbol by a thread; where thread is -1, by everybody.
func (u *uprobes) Open(thread int, inherit bool, symbol string) (model.CallCounter, error) {
	if err := u.prepare(); err != nil {
		return nil, u.report(symbol, err)
	}
	key := probed{thread, inherit, symbol}
	if p, ok := u.open[key]; ok {
		return p, nil
	}
	at, ok := u.symbols[symbol]
	if !ok {
		return nil, u.report(symbol, fmt.Errorf("%s has no such function", u.program))
	}
	path, err := unix.BytePtrFromString(u.program)
	if err != nil {
		return nil, u.report(symbol, err)
	}
	attr := unix.PerfEventAttr{Type: u.kind, Ext1: uint64(uintptr(unsafe.Pointer(path))), Ext2: at}
	attr.Size = uint32(unsafe.Sizeof(attr))
	if inherit {
		attr.Bits |= unix.PerfBitInherit
	}
	cpus := []int{-1}
	if thread == -1 {
		if cpus, err = onlineCPUs(); err != nil {
			return nil, u.report(symbol, err)
		}
	}
	defer runtime.KeepAlive(path) // the kernel reads it when a probe is opened
	p := &probe{by: u}
	for _, cpu := range cpus {
		fd, err := unix.PerfEventOpen(&attr, thread, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
		if err != nil {
			p.close()
			return nil, u.report(symbol, fmt.Errorf("open uprobe: %w", err))
		}
		p.fds = append(p.fds, fd)
	}
	u.open[key] = p
	return p, nil
}

func (u *uprobes) report(symbol string, err error) error {
	err = fmt.Errorf("count calls of %s: %w", symbol, err)
	fmt.Fprintln(os.Stderr, "fakepmu:", err)
	return err
}

// prepare reads the type of the uprobe PMU and the functions of the program.
func (u *uprobes) prepare() error {
	if u.symbols != nil {
		return nil
	}
	text, err := os.ReadFile(uprobeType)
	if err != nil {
		return err
	}
	kind, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 32)
	if err != nil {
		return fmt.Errorf("%s: %w", uprobeType, err)
	}
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", u.pid))
	if err != nil {
		return err
	}
	symbols, err := functions(program)
	if err != nil {
		return fmt.Errorf("read functions of %s: %w", program, err)
	}
	u.kind, u.program, u.symbols, u.open = uint32(kind), program, symbols, map[probed]*probe{}
	return nil
}

// functions returns the offset in the file of every function.
func functions(path string) (map[string]uint64, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	offsets := map[string]uint64{}
	add := func(name string, address uint64) {
		for _, p := range f.Progs {
			if p.Type == elf.PT_LOAD && address >= p.Vaddr && address < p.Vaddr+p.Filesz {
				offsets[name] = address - p.Vaddr + p.Off
			}
		}
	}
	list, err := f.Symbols()
	for _, s := range list {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC {
			add(s.Name, s.Value)
		}
	}
	table, text := f.Section(".gopclntab"), f.Section(".text")
	if table == nil || text == nil {
		return offsets, err
	}
	lines, err := table.Data() // a Go program's functions, which it has even without a symbol table
	if err != nil {
		return nil, err
	}
	symbols, err := gosym.NewTable(nil, gosym.NewLineTable(lines, text.Addr))
	if err != nil {
		return nil, err
	}
	for _, f := range symbols.Funcs {
		add(f.Name, f.Entry)
	}
	return offsets, nil
}

// Count returns the executions so far.
func (p *probe) Count() float64 {
	if p.turn == p.by.turn {
		return p.count
	}
	p.turn, p.count = p.by.turn, 0
	for _, fd := range p.fds {
		var b [8]byte
		if n, err := unix.Read(fd, b[:]); err == nil && n == len(b) {
			p.count += float64(binary.LittleEndian.Uint64(b[:]))
		}
	}
	return p.count
}

// Close does nothing: the probe may serve another event.
func (*probe) Close() {}

func (p *probe) close() {
	for _, fd := range p.fds {
		unix.Close(fd)
	}
}

func onlineCPUs() ([]int, error) {
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return nil, err
	}
	return model.ParseCPUs(string(text))
}
