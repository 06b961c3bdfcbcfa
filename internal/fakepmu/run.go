//go:build linux && (amd64 || arm64)

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
)

const (
	stageTwo = "-stage2" // first argument of the child that becomes the program

	firstDescriptor = 10000 // of fake events, where the limit of open files allows
	plentyFiles     = 2 * firstDescriptor
)

// stage tells the child what to prepare.
type stage struct {
	Base  int    // first descriptor of fake events
	Limit uint64 // of open files
	Dir   string // scenario
	Mount bool
}

// runProgram runs the program of the command line and returns when it has ended.
func runProgram(args []string) (err error) {
	flags := flag.NewFlagSet("fakepmu", flag.ContinueOnError)
	dir := flags.String("s", "", "scenario directory")
	trace := flags.String("trace", "", "write every intercepted call to this file, one JSON object per line")
	nomount := flags.Bool("nomount", false, "leave sysfs, cpuinfo and the files under /proc/sys as they are")
	base := flags.Int("base", 0, "first descriptor of fake events (default: 10000, or half the limit of open files)")
	if err := flags.Parse(args); err != nil {
		return &usageError{err}
	}
	if *dir == "" || flags.NArg() == 0 {
		flags.Usage()
		return usagef("need -s and a program")
	}
	abs, err := filepath.Abs(*dir)
	if err != nil {
		return err
	}
	kernel, err := model.Load(abs)
	if err != nil {
		return err
	}
	s := &supervisor{kernel: kernel, trace: noTrace{}}
	if *trace != "" {
		f, failed := os.Create(*trace)
		if failed != nil {
			return fmt.Errorf("create trace: %w", failed)
		}
		w := bufio.NewWriter(f)
		defer func() { err = errors.Join(err, w.Flush(), f.Close()) }()
		s.trace = json.NewEncoder(w)
	}
	st, err := newStage(abs, *base, !*nomount)
	if err != nil {
		return err
	}
	s.base, s.limit = st.Base, int(st.Limit)
	return s.run(st, flags.Args())
}

// newStage places the descriptors. The Go runtime has raised the soft limit of open files to the hard one.
func newStage(dir string, base int, mount bool) (stage, error) {
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return stage{}, fmt.Errorf("read limit of open files: %w", err)
	}
	st := stage{Base: base, Limit: min(files.Cur, 1<<20), Dir: dir, Mount: mount}
	if base == 0 {
		st.Base = firstDescriptor
		if st.Limit < plentyFiles {
			st.Base = int(st.Limit / 2)
		}
	}
	return st, nil
}

// run starts the child, receives the listener of its filter and answers until it ends.
func (s *supervisor) run(st stage, argv []string) error {
	ours, theirs, err := socketPair()
	if err != nil {
		return err
	}
	cfg, err := json.Marshal(st)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.Command(self, append([]string{stageTwo, string(cfg)}, argv...)...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.ExtraFiles = []*os.File{theirs}
	if st.Mount {
		c.SysProcAttr = ownMounts()
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("start program: %w", err)
	}
	theirs.Close()
	s.listener, err = receiveDescriptor(ours)
	if err != nil {
		return fmt.Errorf("the program did not start: %w", errors.Join(err, c.Wait()))
	}
	s.calls.pid = c.Process.Pid
	s.kernel.Calls = &s.calls
	go s.serve()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	go func() {
		for sig := range signals {
			_ = c.Process.Signal(sig)
		}
	}()
	err = c.Wait()
	s.mu.Lock() // an answer that is under way reaches the trace
	defer s.mu.Unlock()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status := exit.Sys().(syscall.WaitStatus)
		if status.Signaled() {
			return &programEnded{128 + int(status.Signal())}
		}
		return &programEnded{status.ExitStatus()}
	}
	return err
}
