package inject

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Run runs the command to its end and counts the function in it. The program gets the signals of its terminal; when ctx is
// cancelled it gets SIGTERM. A program that fails is no error: see Result.Exit.
func Run(ctx context.Context, c Command, function string) (res *Result, err error) {
	err = locked(func() error {
		var err error
		res, err = run(ctx, c, function)
		return err
	})
	return res, err
}

func run(ctx context.Context, c Command, function string) (*Result, error) {
	cmd := exec.Command(c.Path, c.Args[1:]...)
	cmd.Args[0] = c.Args[0]
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, unix.EPERM) {
			return nil, fmt.Errorf("start %s: %w: %w", c.Path, err, ErrPermission)
		}
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	begin := time.Now()
	in, err := prepare(cmd.Process.Pid, function)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, err
	}
	defer in.close()
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(unix.SIGTERM) })
	defer stop()
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, fmt.Errorf("wait for %s: %w", c.Path, err)
	}
	res := in.result(function)
	res.Wall, res.Exit = time.Since(begin), exitCode(cmd.ProcessState)
	return res, ctx.Err()
}

func exitCode(s *os.ProcessState) int {
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return s.ExitCode()
}

// injected is a function under count.
type injected struct {
	object *object
	image  *image
	clones []string
	mem    []byte
}

func (in *injected) close() { _ = unix.Munmap(in.mem) }

func (in *injected) result(function string) *Result {
	c := in.image.read(in.mem, in.object)
	for i := range c.profile.Blocks { // where the file has them, as other tools show it: the process is gone
		b := &c.profile.Blocks[i]
		b.Addr -= in.object.bias
		if b.Entry != 0 {
			b.Entry -= in.object.bias
		}
	}
	return &Result{Function: function, Object: in.object.path, Calls: c.calls, Threads: c.perCalls, Native: c.overflow, Refused: c.refused, Nested: c.nested, Lost: c.lost, Tiles: c.tiles, Away: c.away, AwayTo: in.object.nameOf(c.awayTo), Clones: in.clones, Profile: c.profile}
}

// prepare waits for the program's first stop, puts the copy of the function into it, and lets it go.
func prepare(pid int, function string) (*injected, error) {
	var ws unix.WaitStatus
	if _, err := unix.Wait4(pid, &ws, 0, nil); err != nil || !ws.Stopped() {
		return nil, fmt.Errorf("start the program under ptrace: %v, status %#x: %w", err, int(ws), ErrPermission)
	}
	p, err := attach(pid)
	if err != nil {
		return nil, err
	}
	defer p.close()
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)) // as the memory map names it
	if err != nil {
		return nil, err
	}
	o, f, clones, err := p.locate(path, function)
	if err != nil {
		return nil, err
	}
	in, err := p.inject(o, f)
	if err != nil {
		return nil, err
	}
	in.clones = clones
	if err := unix.PtraceDetach(pid); err != nil {
		in.close()
		return nil, fmt.Errorf("let the program go: %w", err)
	}
	return in, nil
}

// locate finds the function in the program, and else in the libraries that are loaded when it begins.
func (p *process) locate(path, function string) (*object, symbol, []string, error) {
	unknown := &UnknownError{Function: function}
	look := func(path string, start uint64) (*object, symbol, []string, error) {
		o, err := readObject(path, start)
		if err != nil {
			return nil, symbol{}, nil, err
		}
		found := o.find(function)
		if len(found.symbols) == 1 {
			return o, found.symbols[0], found.clones, nil
		}
		if len(found.symbols) > 1 {
			return nil, symbol{}, nil, &UnknownError{Function: function, Files: []string{o.base()}, Several: o.names(found.symbols)}
		}
		unknown.Files = append(unknown.Files, o.base())
		unknown.Clones = append(unknown.Clones, found.clones...)
		unknown.Similar = append(unknown.Similar, o.similar(function)...)
		return nil, symbol{}, nil, nil
	}
	list, err := p.mappings()
	if err != nil {
		return nil, symbol{}, nil, err
	}
	o, f, clones, err := look(path, startOf(list, path))
	if o != nil || err != nil {
		return o, f, clones, err
	}
	if main, err := readObject(path, 0); err == nil && len(main.functions) == 0 {
		unknown.Stripped = true
	}
	entry, err := p.entry()
	if err != nil {
		return nil, symbol{}, nil, err
	}
	if err := p.runTo(entry); err != nil {
		return nil, symbol{}, nil, fmt.Errorf("run the program to its entry point: %w", err)
	}
	if list, err = p.mappings(); err != nil {
		return nil, symbol{}, nil, err
	}
	seen := map[string]bool{path: true}
	for _, m := range list {
		if !m.executable || seen[m.path] || !strings.HasPrefix(m.path, "/") {
			continue
		}
		seen[m.path] = true
		o, f, clones, err := look(m.path, startOf(list, m.path))
		if o != nil || err != nil {
			return o, f, clones, err
		}
	}
	return nil, symbol{}, nil, unknown
}

// startOf is where the first byte of a file would be in memory, as its first mapping has it; 0: it is not mapped.
func startOf(list []mapping, path string) uint64 {
	for _, m := range list {
		if m.path == path {
			return m.from - m.offset
		}
	}
	return 0
}

// inject maps the image into the program and writes the jump over the function's first bytes.
func (p *process) inject(o *object, f symbol) (*injected, error) {
	list, err := p.mappings()
	if err != nil {
		return nil, err
	}
	base, err := hole(list, f.addr, imageRoom())
	if err != nil {
		return nil, err
	}
	segments, err := p.segments()
	if err != nil {
		return nil, err
	}
	im, err := newImage(o, f, base, segments)
	if err != nil {
		return nil, err
	}
	fd, err := unix.MemfdCreate("roofline-image", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make the image: memfd_create: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, int64(im.size)); err != nil {
		return nil, fmt.Errorf("make the image: %w", err)
	}
	mem, err := unix.Mmap(fd, 0, int(im.size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the image: %w", err)
	}
	in := &injected{object: o, image: im, mem: mem}
	im.fill(mem)
	err = p.mapImage(im, fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), fd))
	if err == nil {
		err = p.setGS(im.base + nobodyAt)
	}
	if err == nil {
		jump := im.jump(f)
		err = p.write(f.addr, jump[:])
	}
	if err != nil {
		in.close()
		return nil, fmt.Errorf("put the copy of %s into the program: %w", f.name, err)
	}
	return in, nil
}

// mapImage has the program map the image: shared, so that the counts can be read from outside; but the first pages of every
// context are its own, so that a child process which forks off does not share registers put aside with its parent, and one
// page is empty in such a child, so that its threads take contexts of their own.
func (p *process) mapImage(im *image, path string) error {
	return p.syscalls(func(call func(uint64, ...uint64) (uint64, error)) error {
		var regs unix.PtraceRegs
		if err := unix.PtraceGetRegs(p.pid, &regs); err != nil {
			return err
		}
		scratch := regs.Rsp - 4096
		old, err := p.read(scratch, len(path)+1)
		if err != nil {
			return err
		}
		if err := p.write(scratch, append([]byte(path), 0)); err != nil {
			return err
		}
		fd, err := call(unix.SYS_OPEN, scratch, unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open %s in the program: %w", path, err)
		}
		const readWrite, readExec = unix.PROT_READ | unix.PROT_WRITE, unix.PROT_READ | unix.PROT_EXEC
		const fixed = unix.MAP_FIXED_NOREPLACE
		if at, err := call(unix.SYS_MMAP, im.base, im.size, readWrite, unix.MAP_SHARED|fixed, fd, 0); err != nil || at != im.base {
			return fmt.Errorf("map the image at %#x: %v", im.base, err)
		}
		if _, err := call(unix.SYS_MMAP, im.base+codeAt, codeBytes, readExec, unix.MAP_PRIVATE|unix.MAP_FIXED, fd, codeAt); err != nil {
			return fmt.Errorf("map the code: %w", err)
		}
		const anonymous = unix.MAP_PRIVATE | unix.MAP_FIXED | unix.MAP_ANONYMOUS
		if _, err := call(unix.SYS_MMAP, im.base+processAt, page, readWrite, anonymous, ^uint64(0), 0); err != nil {
			return fmt.Errorf("map the page of the process: %w", err)
		}
		if _, err := call(unix.SYS_MADVISE, im.base+processAt, page, unix.MADV_WIPEONFORK); err != nil {
			return fmt.Errorf("have forked processes find an empty page: %w", err)
		}
		for t := range uint64(threads) {
			at := im.contextsAt + t*im.stride
			if _, err := call(unix.SYS_MMAP, im.base+at, countersAt, readWrite, unix.MAP_PRIVATE|unix.MAP_FIXED, fd, at); err != nil {
				return fmt.Errorf("map the context of thread %d: %w", t, err)
			}
		}
		_, err = call(unix.SYS_CLOSE, fd)
		return errors.Join(err, p.write(scratch, old))
	})
}
