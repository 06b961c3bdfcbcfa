package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/subprocess"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/doctor"
	"github.com/roofline-go/roofline/roofline/measure"
)

// sampleCommand is the hidden command in which a comparison runs one process of a kernel.
const sampleCommand = "__sample"

// sampleRequest is what the process is told on its standard input.
type sampleRequest struct {
	Kernel  string           `json:"kernel"`
	Shape   string           `json:"shape"`
	Threads int              `json:"threads"`
	Budget  time.Duration    `json:"budget"`
	First   bool             `json:"first"` // verify and count
	Sources []string         `json:"sources"`
	Machine roofline.Machine `json:"machine"`
	Setting kernels.Setting  `json:"setting,omitempty"`
}

// sampleReply is what it answers on its standard output.
type sampleReply struct {
	Run     *roofline.Run `json:"run,omitempty"`
	PeakRSS int64         `json:"peak_rss"` // of timing alone, where nothing else was done
	Error   string        `json:"error,omitempty"`
}

func newSample() *cobra.Command {
	return &cobra.Command{
		Use: sampleCommand, Hidden: true, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var req sampleRequest
			if err := json.NewDecoder(cmd.InOrStdin()).Decode(&req); err != nil {
				return fmt.Errorf("read request: %w", err)
			}
			run, err := takeSample(cmd.Context(), req)
			reply := sampleReply{Run: run}
			if err != nil {
				reply.Error = err.Error()
			} else {
				reply.PeakRSS = run.Memory.PeakRSS
			}
			return json.NewEncoder(cmd.OutOrStdout()).Encode(reply)
		},
	}
}

// takeSample measures one kernel in this process.
func takeSample(ctx context.Context, req sampleRequest) (*roofline.Run, error) {
	found, err := kernels.Find(req.Kernel)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s names %d kernels", req.Kernel, len(found))
	}
	s, err := shape.Parse(found[0].Op, req.Shape)
	if err != nil {
		return nil, err
	}
	if err := found[0].Use(s, req.Setting); err != nil {
		return nil, err
	}
	plan := measure.Plan{
		Items: []measure.Item{{Kernel: found[0], Shape: s}}, Threads: req.Threads, Budget: req.Budget,
		Machine: req.Machine, Verified: !req.First, Brief: true,
	}
	if req.First {
		if plan.Sources, err = openSources(req.Sources, event.Options{}); err != nil {
			return nil, err
		}
		plan.Choice = perf.Choice{Explicit: len(req.Sources) > 0, Verdicts: doctor.Stored(req.Machine, "")}
	}
	res, err := measure.Run(ctx, plan, nil)
	if err != nil {
		return nil, err
	}
	return &res.Runs[0], nil
}

// kernelRunner is the side of a comparison that is a kernel at a shape. Every sample is a process of its own.
type kernelRunner struct {
	label    string
	request  sampleRequest
	ceilings []roofline.Ceiling
}

func (k *kernelRunner) Label() string { return k.label }

// Sample starts this program again and has it measure the kernel.
func (k *kernelRunner) Sample(ctx context.Context, seed uint64, first bool) (compare.Sample, error) {
	req := k.request
	req.First = first
	self, err := thisProgram()
	if err != nil {
		return compare.Sample{}, err
	}
	var reply sampleReply
	if err := subprocess.Ask(ctx, []string{self, sampleCommand}, []string{compare.Padding(seed)}, req, &reply); err != nil {
		return compare.Sample{}, err
	}
	if reply.Error != "" {
		return compare.Sample{}, errors.New(reply.Error)
	}
	if reply.Run == nil {
		return compare.Sample{}, errors.New("read the answer of the process: it measured nothing")
	}
	roofline.Place(reply.Run, k.ceilings)
	seconds, waited := compare.ProcessTime(reply.Run)
	return compare.Sample{Seconds: seconds, Waited: waited, PeakRSS: reply.PeakRSS, Run: *reply.Run}, nil
}
