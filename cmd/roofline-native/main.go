// Command roofline-native is the process in which roofline runs functions of a user's shared object. It is started by
// roofline, reads a request on its standard input and answers on file descriptor 3; what it runs may crash it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/peercall"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cpu.PermitTiles()
	if len(os.Args) > 1 && os.Args[1] == userkernel.CountCommand {
		if err := count(); err != nil {
			fmt.Fprintf(os.Stderr, "roofline-native: %v\n", err)
			os.Exit(2)
		}
		return
	}
	if len(os.Args) > 1 && os.Args[1] == native.PeerCommand {
		runtime.LockOSThread() // one thread loads the library and calls it
		if err := peercall.Serve(os.Stdin, os.NewFile(native.AnswerFD, "answer"), find); err != nil {
			fmt.Fprintf(os.Stderr, "roofline-native: %v\n", err)
			os.Exit(2)
		}
		return
	}
	if err := run(ctx, os.Stdin, os.NewFile(native.AnswerFD, "answer")); err != nil {
		fmt.Fprintf(os.Stderr, "roofline-native: %v\n", err)
		os.Exit(2)
	}
}

// run serves one request.
func run(ctx context.Context, in io.Reader, out *os.File) error {
	if _, err := out.Stat(); err != nil {
		return fmt.Errorf("answer: %w (roofline starts this program: roofline tune --object, roofline compare a.so b.so)", err)
	}
	var once sync.Mutex
	enc := json.NewEncoder(out)
	send := func(m native.Message) {
		once.Lock()
		defer once.Unlock()
		_ = enc.Encode(m) // nobody is left to tell when the pipe is closed
	}
	send(native.Message{Hello: &native.Hello{Protocol: native.Protocol, Version: version()}})
	var req native.Request
	if err := json.NewDecoder(in).Decode(&req); err != nil {
		send(native.Message{Error: "read request: " + err.Error()})
		return nil
	}
	if err := confine(req.Limits); err != nil {
		send(native.Message{Error: err.Error()})
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		send(native.Message{Error: "find helper: " + err.Error()})
		return nil
	}
	userkernel.Serve(ctx, req, open, empty(), self, send)
	return nil
}

// count runs a function instrumented. What it prints goes to standard error, since standard output has the answer.
func count() error {
	fd, err := unix.Dup(1)
	if err == nil {
		err = unix.Dup3(2, 1, 0)
	}
	if err != nil {
		return fmt.Errorf("set standard output aside: %w", err)
	}
	return userkernel.ServeCounts(os.Stdin, os.NewFile(uintptr(fd), "answer"), open)
}

// confine sets the limits of this process: no core file, and as much memory and time as the request allows. They cannot be
// raised again.
func confine(l native.Limits) error {
	set := func(name string, which int, value uint64) error {
		if err := unix.Setrlimit(which, &unix.Rlimit{Cur: value, Max: value}); err != nil {
			return fmt.Errorf("limit %s to %d: %w", name, value, err)
		}
		return nil
	}
	if err := set("core files", unix.RLIMIT_CORE, 0); err != nil {
		return err
	}
	if l.Memory > 0 {
		if err := set("address space", unix.RLIMIT_AS, uint64(l.Memory)); err != nil {
			return err
		}
	}
	if l.CPU > 0 {
		return set("CPU seconds", unix.RLIMIT_CPU, uint64(l.CPU.Seconds())+1)
	}
	return nil
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return ""
}
