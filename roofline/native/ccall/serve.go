package ccall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/fenced"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// What errors of counting that are final begin with: the function would crash when it is timed, too.
const (
	crashed = "the function crashes"
	refused = "the function cannot run here:"
)

// ServeCounts answers one request of instrument.Child for a Spec.
func ServeCounts(in io.Reader, out io.Writer) error {
	fenced.Tighten()
	return instrument.Serve(in, out, func(text []byte) (*instrument.Subject, error) {
		var spec Spec
		if err := json.Unmarshal(text, &spec); err != nil {
			return nil, fmt.Errorf("read description of a function: %w", err)
		}
		t, err := load(spec)
		if err != nil {
			return nil, &instrument.FinalError{Err: err}
		}
		return t.subject(), nil
	})
}

// timeRequest asks for the time of a function as it is.
type timeRequest struct {
	Spec     Spec
	Budget   time.Duration
	Machine  roofline.Machine
	PMU      bool // count by hardware events
	Counting event.Options
	Analytic bool
	Roof     *roofline.Ceiling `json:",omitempty"` // whose loop is to run behind the function; nil: none
}

// timeReply is the answer.
type timeReply struct {
	Run      *roofline.Run `json:",omitempty"`
	Warnings []roofline.Warning
	Notes    []string // about the object
	Error    string   `json:",omitempty"`
}

// ServeTime answers one request for a time.
func ServeTime(ctx context.Context, in io.Reader, out io.Writer) error {
	var req timeRequest
	if err := json.NewDecoder(in).Decode(&req); err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	reply := timeReply{}
	t, err := load(req.Spec)
	if err == nil {
		reply.Notes = t.object.Notes(t.function.Addr)
		err = t.time(ctx, req, &reply)
	}
	if err != nil {
		reply.Error = err.Error()
	}
	return json.NewEncoder(out).Encode(reply)
}

// time measures the function in this process, verified where its result is known.
func (t *target) time(ctx context.Context, req timeRequest, reply *timeReply) error {
	plan := measure.Plan{
		Items: []measure.Item{{Kernel: t.kernel, Shape: t.shape}}, Threads: 1, Budget: req.Budget,
		Machine: req.Machine, Verified: !t.verified,
		Elastic: true, // a slow function takes what it needs
		Behind:  req.Roof,
	}
	if req.PMU {
		plan.Sources = append(plan.Sources, event.NewPMUWith(req.Counting))
	}
	if req.Analytic && t.verified {
		plan.Sources = append(plan.Sources, perf.AnalyticSource{})
	}
	res, err := measure.Run(ctx, plan, nil)
	if wrong := (*measure.WrongResultError)(nil); errors.As(err, &wrong) {
		return t.wrong(err)
	}
	if err != nil {
		return err
	}
	if len(res.Runs) != 1 {
		return errors.New("time function: it has no run")
	}
	reply.Run = &res.Runs[0]
	for _, w := range res.Warnings {
		if w.About != "" && !strings.HasPrefix(w.Text, "not placed") { // of the run, not of the machine; it is placed later
			reply.Warnings = append(reply.Warnings, w)
		}
	}
	return nil
}

// wrong adds to the error of a wrong result where it is wrong, which a further call tells.
func (t *target) wrong(err error) error {
	if v, ok := t.instance.(userkernel.Verifier); ok {
		if how, right := v.Compare(); !right {
			return fmt.Errorf("verify the function: wrong result: %s (not timed)", how)
		}
	}
	return err
}
