package peer

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/helper"
)

// instance is a library's function with operands, in a process of its own. It implements measure.Elsewhere.
type instance struct {
	library  *Library
	session  *helper.Session
	opened   *native.PeerOpened
	way      way
	verified *kernels.Verification // of the first Verify: the operands are always the same
}

// open starts a process for a problem, with the way's environment.
func (l *Library) open(w way, p native.Problem) (*instance, error) {
	s, opened, err := l.start(w, &p)
	if err != nil {
		return nil, err
	}
	i := &instance{library: l, session: s, opened: opened, way: w}
	i.hold()
	return i, nil
}

// hold stops the process between its turns where its threads could wait by spinning.
func (i *instance) hold() {
	if i.library.threads > 1 {
		i.session.Stop()
	}
}

// ask lets the process answer one request.
func (i *instance) ask(r native.PeerRequest) (a native.PeerAnswer, err error) {
	if i.library.threads > 1 {
		i.session.Continue()
	}
	err = i.session.Ask(r, &a, callingTime)
	i.hold()
	if err == nil && a.Error != "" {
		err = errors.New(a.Error)
	}
	if err != nil {
		err = fmt.Errorf("call %s of %s: %w", i.way.Use.Function, i.library.File, err)
	}
	return a, err
}

// Part makes one call.
func (i *instance) Part(worker int) {
	if worker == 0 {
		_, _ = i.Time(1) // whoever wants to know uses Time
	}
}

// Verify implements kernels.Instance.
func (i *instance) Verify() (kernels.Verification, error) {
	if i.verified != nil {
		return *i.verified, nil
	}
	i.session.Phase = native.Verifying
	a, err := i.ask(native.PeerRequest{Verify: true})
	if err != nil {
		return kernels.Verification{}, err
	}
	if a.Verified == nil {
		return kernels.Verification{}, native.ErrGarbled
	}
	if a.Verified.Note != "" {
		return kernels.Verification{}, fmt.Errorf("call %s of %s: %s", i.way.Use.Function, i.library.File, a.Verified.Note)
	}
	v := kernels.Verification{Against: a.Verified.Against, MaxError: math.Inf(1), Tolerance: a.Verified.Tolerance}
	if a.Verified.MaxError != nil {
		v.MaxError = *a.Verified.MaxError
	}
	i.verified = &v
	return v, nil
}

// Time implements measure.Elsewhere.
func (i *instance) Time(n int) (measure.Batch, error) {
	i.session.Phase = native.Timing
	a, err := i.ask(native.PeerRequest{Batch: n})
	if err != nil {
		return measure.Batch{}, err
	}
	if a.Batch == nil {
		return measure.Batch{}, native.ErrGarbled
	}
	if err := a.Batch.Check(); err != nil {
		return measure.Batch{}, err
	}
	return measure.Batch{Took: time.Duration(a.Batch.Seconds * 1e9), Waited: time.Duration(a.Batch.Waited * 1e9), Involuntary: a.Batch.Involuntary, PageFaults: a.Batch.PageFaults}, nil
}

// Describe implements measure.Elsewhere.
func (i *instance) Describe(run *roofline.Run) {
	run.Peer = &roofline.Peer{Library: i.library.kind.name, File: i.library.File, Version: i.library.Version, Function: i.way.Use.String(),
		Kernel: i.opened.Kernel, Environment: i.way.Environment}
	run.Memory.PeakRSS = 0 // that of this process says nothing of the other's
}

// Close ends the process.
func (i *instance) Close() error { return i.session.Close() }
