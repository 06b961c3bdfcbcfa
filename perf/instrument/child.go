package instrument

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/internal/subprocess"
	"github.com/roofline-go/roofline/perf"
)

// Child starts processes that answer requests by Serve. A fault that ends one is an error here, and nothing more.
type Child struct {
	Command []string // program and arguments, e.g. this program and a hidden command
}

// request is what a child is told on its standard input.
type request struct {
	Spec  []byte
	Trace *sim.Config // simulate the caches; nil: count
	Kinds kinds       // tell kinds of misses apart
}

// kinds says where kinds of misses are told apart.
type kinds int

const (
	noKinds    kinds = iota
	innerKinds       // in the levels whose sets are not hashed: where conflicts come from strides
	allKinds
)

// to is the last level with innerKinds.
func (k kinds) to(c sim.Config) (level int) {
	for _, l := range c.Levels {
		if k == innerKinds && l.Index == sim.Modulo {
			level = l.Level
		}
	}
	return level
}

// reply is what it answers on its standard output.
type reply struct {
	Profile *Profile     `json:",omitempty"`
	Traffic *sim.Summary `json:",omitempty"`
	Arrays  []Array      `json:",omitempty"` // that the traffic is told apart by
	Error   string       `json:",omitempty"`
	Final   bool         `json:",omitempty"` // the error is a *FinalError
}

// FinalError is an error that the workload would end in again however it is called, natively too: it could not be made, or its code
// crashes. That an error is one survives the way from a child.
type FinalError struct{ Err error }

func (e *FinalError) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *FinalError) Unwrap() error { return e.Err }

// Profile counts one call of a workload.
func (c Child) Profile(ctx context.Context, spec []byte) (*Profile, error) {
	r, err := c.ask(ctx, request{Spec: spec})
	if err != nil {
		return nil, err
	}
	if r.Profile == nil {
		return nil, errors.New("read the answer of the child process: it has no counts")
	}
	return r.Profile, nil
}

// SimulateKinds has one call of a workload traced and its accesses simulated, in caches that a call before has warmed, and tells
// compulsory, capacity and conflict misses apart.
func (c Child) SimulateKinds(ctx context.Context, spec []byte) (*sim.Summary, error) {
	t, err := c.simulate(ctx, request{Spec: spec, Trace: &sim.Config{}, Kinds: allKinds})
	if err != nil {
		return nil, err
	}
	return &t.Summary, nil
}

func (c Child) simulate(ctx context.Context, req request) (*traced, error) {
	r, err := c.ask(ctx, req)
	if err != nil {
		return nil, err
	}
	if r.Traffic == nil {
		return nil, errors.New("read the answer of the child process: it has no traffic")
	}
	return &traced{*r.Traffic, arrayBytes(r.Arrays)}, nil
}

// arrayBytes are the sizes of arrays by name; one name may have several arrays.
func arrayBytes(arrays []Array) map[string]int64 {
	m := map[string]int64{}
	for _, a := range arrays {
		m[a.Name] += a.Bytes
	}
	return m
}

func (c Child) ask(ctx context.Context, req request) (*reply, error) {
	var r reply
	if err := subprocess.Ask(ctx, c.Command, nil, req, &r); err != nil {
		return nil, err
	}
	switch {
	case r.Final:
		return nil, &FinalError{errors.New(r.Error)}
	case r.Error != "":
		return nil, errors.New(r.Error)
	}
	return &r, nil
}

// Subject is a workload in the process that runs it.
type Subject struct {
	Workload  perf.Workload
	Functions []Function // those that are instrumented when the workload calls them
	Called    *Called    // how they are called, where that is by their addresses, in the System V ABI; nil: they are patched
	Arrays    []Array    // traffic is told apart by; whatever lies elsewhere is other
	Close     func()
}

// Array is a range of memory with a name.
type Array struct {
	Name  string
	Addr  uint64
	Bytes int64
}

// Serve answers one request: open makes the workload from its description. The error is for an answer that could not be
// given; a workload that cannot be counted is an answer.
func Serve(in io.Reader, out io.Writer, open func(spec []byte) (*Subject, error)) error {
	var req request
	if err := json.NewDecoder(in).Decode(&req); err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	var r reply
	s, err := open(req.Spec)
	if err == nil {
		defer s.Close()
		if req.Trace == nil {
			r.Profile, err = s.count()
		} else {
			var t *traced
			if t, err = s.simulate(req.Kinds); err == nil {
				r.Traffic, r.Arrays = &t.Summary, s.Arrays
			}
		}
	}
	if err != nil {
		r.Error = err.Error()
		r.Final = errors.As(err, new(*FinalError))
	}
	return json.NewEncoder(out).Encode(r)
}
