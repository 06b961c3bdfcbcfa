package top

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// Env names the file that a program under `roofline top` writes its operations into.
const Env = "ROOFLINE_TOP"

// Work is what an operation did itself, without the operations within it.
type Work struct {
	FLOPs float64 // floating-point operations
	Bytes float64 // bytes it had to move, e.g. its operands and its result once each
}

// Event is one operation that is done, as a line of the file.
type Event struct {
	ID     uint64  `json:"id"`
	Parent uint64  `json:"parent,omitempty"` // 0: at the top
	Name   string  `json:"name"`
	Start  int64   `json:"start"` // ns since the recording began
	End    int64   `json:"end"`
	FLOPs  float64 `json:"flops,omitempty"`
	Bytes  float64 `json:"bytes,omitempty"`
	Allocs uint64  `json:"allocs,omitempty"` // heap objects allocated meanwhile, by any goroutine
}

// Recorder writes operations to a file or another writer. It is safe for concurrent use.
type Recorder struct {
	begin time.Time
	next  atomic.Uint64
	open  atomic.Int64

	mu   sync.Mutex
	buf  *bufio.Writer
	line bytes.Buffer // under way
	enc  *json.Encoder

	err error
}

// NewRecorder begins a recording to w.
func NewRecorder(w io.Writer) *Recorder {
	r := &Recorder{begin: time.Now(), buf: bufio.NewWriterSize(w, 1<<16)}
	r.enc = json.NewEncoder(&r.line)
	return r
}

// open begins a recording to a file that other processes may be recording to: the operations of each have numbers of their own.
func open(path string, pid int) (*Recorder, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	r := NewRecorder(f)
	const each = 30 // bits of a number within a process: with a process's number of 22 bits still a whole number of JavaScript
	r.next.Store(uint64(pid) << each)
	return r, nil
}

// std is the recorder of Start: the one that the environment asks for, or nil.
var std = sync.OnceValue(func() *Recorder {
	path := os.Getenv(Env)
	if path == "" {
		return nil
	}
	r, err := open(path, os.Getpid())
	if err != nil {
		fmt.Fprintf(os.Stderr, "record operations: %v\n", err)
		return nil
	}
	return r
})

// Start begins an operation at the top. It returns nil, on which all methods work, when nothing is recorded.
func Start(name string) *Op { return std().Start(name) }

// Flush writes out what Start and Done recorded. Call it before the program ends.
func Flush() error { return std().Flush() }

// Op is an operation under way.
type Op struct {
	rec    *Recorder
	id     uint64
	parent uint64
	name   string
	start  time.Duration
	allocs uint64
}

// Start begins an operation at the top of r.
func (r *Recorder) Start(name string) *Op { return r.start(name, 0) }

func (r *Recorder) start(name string, parent uint64) *Op {
	if r == nil {
		return nil
	}
	r.open.Add(1)
	return &Op{r, r.next.Add(1), parent, name, time.Since(r.begin), allocations()}
}

// Start begins an operation within o. It may run on another goroutine than o.
func (o *Op) Start(name string) *Op {
	if o == nil {
		return nil
	}
	return o.rec.start(name, o.id)
}

// Done ends the operation and declares its own work. A second Done does nothing.
func (o *Op) Done(w Work) {
	if o == nil || o.rec == nil {
		return
	}
	r := o.rec
	e := Event{ID: o.id, Parent: o.parent, Name: o.name, Start: int64(o.start), End: int64(time.Since(r.begin)),
		FLOPs: w.FLOPs, Bytes: w.Bytes, Allocs: allocations() - o.allocs}
	o.rec = nil
	r.open.Add(-1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.write(e); err != nil && r.err == nil {
		r.err = err
	}
}

// write adds a line. What goes to the file at once are whole lines, as another process may append to it in between.
func (r *Recorder) write(e Event) error {
	r.line.Reset()
	if err := r.enc.Encode(e); err != nil {
		return err
	}
	if r.line.Len() > r.buf.Available() {
		if err := r.buf.Flush(); err != nil {
			return err
		}
	}
	_, err := r.buf.Write(r.line.Bytes())
	return err
}

// Flush writes out what was recorded. The error is the first that any writing had, or says how many operations are not done.
func (r *Recorder) Flush() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	err := errors.Join(r.err, r.buf.Flush())
	if n := r.open.Load(); n > 0 && err == nil {
		err = fmt.Errorf("record operations: %d of them are not done, and not recorded", n)
	}
	return err
}

// allocations is the number of heap objects allocated so far.
func allocations() uint64 {
	sample := samples.Get().(*[1]metrics.Sample)
	defer samples.Put(sample)
	metrics.Read(sample[:])
	return sample[0].Value.Uint64()
}

var samples = sync.Pool{New: func() any {
	return &[1]metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
}}
