package inject

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// process is a stopped program under ptrace. All methods must be called on the OS thread that started it.
type process struct {
	pid int
	mem *os.File // /proc/PID/mem
}

func attach(pid int) (*process, error) {
	mem, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return nil, memoryError(err)
	}
	return &process{pid, mem}, nil
}

func (p *process) close() { p.mem.Close() }

// wait waits until the program stops. Signals other than the wanted one are passed on to it.
func (p *process) wait(want unix.Signal) error {
	for {
		var ws unix.WaitStatus
		if _, err := unix.Wait4(p.pid, &ws, 0, nil); err == unix.EINTR {
			continue
		} else if err != nil {
			return err
		}
		switch {
		case ws.Exited():
			return &goneError{ws}
		case ws.Signaled():
			return &goneError{ws}
		case ws.Stopped() && ws.StopSignal() == want:
			return nil
		case ws.Stopped():
			if err := unix.PtraceCont(p.pid, int(ws.StopSignal())); err != nil {
				return err
			}
		}
	}
}

// goneError says that the program ended before the function was reached.
type goneError struct{ status unix.WaitStatus }

func (e *goneError) Error() string { return "the program ended before its first instruction" }

func (p *process) read(addr uint64, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := p.mem.ReadAt(b, int64(addr)); err != nil {
		return nil, fmt.Errorf("read memory of the program at %#x: %w", addr, err)
	}
	return b, nil
}

// write changes memory of the program, code too.
func (p *process) write(addr uint64, b []byte) error {
	if _, err := p.mem.WriteAt(b, int64(addr)); err != nil {
		if n, perr := unix.PtracePokeText(p.pid, uintptr(addr), b); perr == nil && n == len(b) {
			return nil
		}
		return fmt.Errorf("write memory of the program at %#x: %w", addr, err)
	}
	return nil
}

// syscalls has the program make system calls, and restores its state.
func (p *process) syscalls(f func(call func(nr uint64, args ...uint64) (uint64, error)) error) (err error) {
	var saved unix.PtraceRegs
	if err := unix.PtraceGetRegs(p.pid, &saved); err != nil {
		return fmt.Errorf("read registers of the program: %w", err)
	}
	old, err := p.read(saved.Rip, 3)
	if err != nil {
		return err
	}
	if err := p.write(saved.Rip, []byte{0x0f, 0x05, 0xcc}); err != nil { // syscall; int3
		return err
	}
	defer func() {
		err = errors.Join(err, p.write(saved.Rip, old), unix.PtraceSetRegs(p.pid, &saved))
	}()
	return f(func(nr uint64, args ...uint64) (uint64, error) {
		regs := saved
		regs.Rax, regs.Orig_rax = nr, ^uint64(0)
		for i, r := range []*uint64{&regs.Rdi, &regs.Rsi, &regs.Rdx, &regs.R10, &regs.R8, &regs.R9} {
			if i < len(args) {
				*r = args[i]
			}
		}
		if err := unix.PtraceSetRegs(p.pid, &regs); err != nil {
			return 0, err
		}
		if err := unix.PtraceCont(p.pid, 0); err != nil {
			return 0, err
		}
		if err := p.wait(unix.SIGTRAP); err != nil {
			return 0, err
		}
		if err := unix.PtraceGetRegs(p.pid, &regs); err != nil {
			return 0, err
		}
		if e := -int64(regs.Rax); e > 0 && e < 4096 {
			return 0, unix.Errno(e)
		}
		return regs.Rax, nil
	})
}

// runTo lets the program run until it comes to an address.
func (p *process) runTo(addr uint64) error {
	old, err := p.read(addr, 1)
	if err != nil {
		return err
	}
	if err := p.write(addr, []byte{0xcc}); err != nil {
		return err
	}
	if err := unix.PtraceCont(p.pid, 0); err != nil {
		return err
	}
	if err := p.wait(unix.SIGTRAP); err != nil {
		return err
	}
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(p.pid, &regs); err != nil {
		return err
	}
	regs.Rip = addr
	return errors.Join(p.write(addr, old), unix.PtraceSetRegs(p.pid, &regs))
}

// withoutFSGSBase has programs ask the kernel for what they could do themselves here; for tests.
var withoutFSGSBase bool

// segments says how the program's threads read FS and set GS: by themselves, unless the processor is older than Ivy Bridge
// or Zen, or the kernel older than Linux 5.9 or without FSGSBASE for another reason. A dynamic loader sets FS before the
// program's own code runs; but a position-independent program of Go without cgo has a loader, no library, and an FS of its own making.
func (p *process) segments() (rewrite.Segments, error) {
	const atBase, atHWCAP2, fsgsbase = 7, 26, 1 << 1
	auxv, err := p.auxv()
	switch {
	case err != nil:
		return 0, err
	case auxvWord(auxv, atHWCAP2)&fsgsbase != 0 && !withoutFSGSBase:
		return rewrite.Itself, nil
	case auxvWord(auxv, atBase) != 0 && p.needsLibraries():
		return rewrite.Pointed, nil
	}
	return rewrite.Kernel, nil
}

// needsLibraries says whether the program is linked with any, and so with libc.
func (p *process) needsLibraries() bool {
	f, err := elf.Open(fmt.Sprintf("/proc/%d/exe", p.pid))
	if err != nil {
		return false
	}
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	return err == nil && len(libraries) > 0
}

func (p *process) auxv() ([]byte, error) { return os.ReadFile(fmt.Sprintf("/proc/%d/auxv", p.pid)) }

// setGS has the GS segment begin at an address, for the program's thread and those that it makes.
func (p *process) setGS(base uint64) error {
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(p.pid, &regs); err != nil {
		return err
	}
	regs.Gs_base = base
	return unix.PtraceSetRegs(p.pid, &regs)
}

// entry is where the program itself begins, behind the dynamic loader.
func (p *process) entry() (uint64, error) {
	auxv, err := p.auxv()
	if err != nil {
		return 0, err
	}
	const atEntry = 9
	if at := auxvWord(auxv, atEntry); at != 0 {
		return at, nil
	}
	return 0, errors.New("the kernel does not tell where the program begins")
}

// auxvWord is a value of the auxiliary vector; 0 where it is absent.
func auxvWord(auxv []byte, key uint64) uint64 {
	for ; len(auxv) >= 16; auxv = auxv[16:] {
		if binary.LittleEndian.Uint64(auxv) == key {
			return binary.LittleEndian.Uint64(auxv[8:])
		}
	}
	return 0
}

// mapping is one line of /proc/PID/maps.
type mapping struct {
	from, to, offset uint64
	path             string
	executable       bool
}

func (p *process) mappings() ([]mapping, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", p.pid))
	if err != nil {
		return nil, err
	}
	return parseMaps(string(text))
}

func parseMaps(text string) (list []mapping, err error) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 5 {
			continue
		}
		lo, hi, ok := strings.Cut(f[0], "-")
		var m mapping
		var errs [3]error
		m.from, errs[0] = strconv.ParseUint(lo, 16, 64)
		m.to, errs[1] = strconv.ParseUint(hi, 16, 64)
		m.offset, errs[2] = strconv.ParseUint(f[2], 16, 64)
		if !ok || errors.Join(errs[:]...) != nil {
			return nil, fmt.Errorf("read the program's memory map: %q", strings.TrimSpace(line))
		}
		m.executable = strings.Contains(f[1], "x")
		m.path = behind(line, 5)
		list = append(list, m)
	}
	return list, nil
}

// behind is what stands in a line behind its first fields, blanks and all.
func behind(line string, fields int) string {
	for range fields {
		_, line, _ = strings.Cut(strings.TrimLeft(line, " "), " ")
	}
	return strings.TrimLeft(strings.TrimRight(line, "\n"), " ")
}

// hole finds a free range near an address: below it where there is room, so that the heap behind the program can grow, and
// else far above. The distance must be one that a 32-bit offset spans.
func hole(list []mapping, near, size uint64) (uint64, error) {
	const reach = 1<<31 - 1<<26
	free := func(from, to uint64) bool {
		for _, m := range list {
			if from < m.to+1<<20 && m.from < to+1<<20 {
				return false
			}
		}
		return true
	}
	const step = 1 << 22
	near &^= step - 1
	for d := uint64(step); d < reach-size; d += step {
		if near > d+size+1<<20 && free(near-d-size, near-d) {
			return near - d - size, nil
		}
	}
	for d := uint64(reach - size&^(step-1)); d > 1<<29; d -= step {
		if free(near+d, near+d+size) {
			return near + d, nil
		}
	}
	return 0, fmt.Errorf("find room near %#x: there is none", near)
}

// locked runs f on an OS thread of its own: ptrace belongs to threads.
func locked(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		done <- f()
	}()
	return <-done
}

// memoryError is the error of a program whose memory cannot be reached. It could be traced, so that a refusal has one cause.
func memoryError(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("reach the memory of the program: %w (its file may be executed and not read: make it readable; where it has the rights of another user, count it as that user)", err)
	}
	return fmt.Errorf("reach the memory of the program: %w", err)
}
