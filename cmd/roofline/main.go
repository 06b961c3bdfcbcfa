// Command roofline measures a machine's ceilings, runs kernels, and shows how close each comes and what holds it back.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	end := []os.Signal{syscall.SIGTERM}
	if !signal.Ignored(os.Interrupt) { // as in the background of a script: a measured command shall inherit that
		end = append(end, os.Interrupt)
	}
	ctx, stop := signal.NotifyContext(context.Background(), end...)
	context.AfterFunc(ctx, stop) // a call of a slow kernel cannot be interrupted: a second signal ends the program at once
	code := run(ctx, os.Stdout, os.Stderr, os.Args[1:])
	stop()
	os.Exit(code)
}
