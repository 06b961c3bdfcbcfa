package workers

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/roofline-go/roofline/internal/cpu"
)

// work is one worker. It never unlocks its thread, so that the thread ends with it; the main thread cannot end, so the
// pinning is undone all the same. A worker that could not be pinned answers every job with the error.
func (p *Pool) work(w, on int, jobs chan func(int) error) {
	runtime.LockOSThread()
	unpin, pinErr := cpu.Pin(on)
	p.waits[w].Open()
	closed := false
	defer func() {
		p.waits[w].Close()
		if pinErr == nil {
			_ = unpin()
		}
		if !closed { // the job has ended the goroutine: another takes its place
			go p.work(w, on, jobs)
		}
	}()
	for f := range jobs {
		if pinErr != nil {
			p.results <- pinErr
		} else {
			p.call(w, f)
		}
	}
	closed = true
}

// PanicError is a panic of a worker.
type PanicError struct {
	Worker int
	Value  any
	Stack  []byte
}

// Error names the worker and the panic's value.
func (e *PanicError) Error() string { return fmt.Sprintf("worker %d panicked: %v", e.Worker, e.Value) }

// Unwrap returns the panic's value where it is an error.
func (e *PanicError) Unwrap() error { err, _ := e.Value.(error); return err }

// goexitError says that a job called runtime.Goexit, perhaps through t.FailNow.
type goexitError struct{ worker int }

func (e *goexitError) Error() string {
	return fmt.Sprintf("worker %d ended its goroutine (runtime.Goexit or t.FailNow in a worker)", e.worker)
}

// call runs f and sends its result whatever becomes of it.
func (p *Pool) call(w int, f func(int) error) {
	var err error
	returned := false
	defer func() {
		if returned {
			p.results <- err
		} else if v := recover(); v != nil {
			p.results <- &PanicError{w, v, debug.Stack()}
		} else {
			p.results <- &goexitError{w}
		}
	}()
	err = f(w)
	returned = true
}
