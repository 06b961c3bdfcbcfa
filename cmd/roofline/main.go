// Command roofline measures a machine's ceilings, runs kernels, and shows how close each comes and what holds it back.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	end := []os.Signal{syscall.SIGTERM}
	if !signal.Ignored(os.Interrupt) { // as in the background of a script: a measured command shall inherit that
		end = append(end, os.Interrupt)
	}
	ctx, stop := signal.NotifyContext(context.Background(), end...)
	// A call of a slow kernel cannot be interrupted: a second signal ends the program at once. One that comes with the first is not a
	// second: timeout(1) sends its signal to the program, and again to its process group.
	context.AfterFunc(ctx, func() { time.Sleep(100 * time.Millisecond); stop() })
	code := run(ctx, os.Stdout, os.Stderr, os.Args[1:])
	stop()
	os.Exit(code)
}
