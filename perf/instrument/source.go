package instrument

import (
	"context"
	"fmt"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/perf"
)

// Portable is a workload that another process can make anew.
type Portable interface {
	perf.Workload
	// Portable describes the workload for the other process; why says why it cannot be instrumented, "" when it can.
	Portable() (spec []byte, why string)
}

// Local is a workload of trusted code, which is instrumented in this process.
type Local interface {
	perf.Workload
	// Assembly gives the beginnings of the names of the assembly functions to be counted.
	Assembly() []string
}

// Source is the source of exact counts: it has a child process run the workload's assembly functions instrumented.
type Source struct{ Child Child }

// Name returns SourceInstrumented.
func (Source) Name() perf.SourceName { return perf.SourceInstrumented }

// Count implements perf.Source. Beside the wanted quantities it returns operations by precision and width, loads and stores
// and their bytes. Only what assembly functions execute is counted, not the Go code around them.
func (s Source) Count(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, error) {
	counts, _, err := s.CountInDetail(ctx, w, want)
	return counts, err
}

// counts are those of the profile by their names.
func (p *Profile) counts(want []perf.Quantity) (map[perf.Quantity]perf.Count, error) {
	t, err := p.Totals()
	if err != nil {
		return nil, err
	}
	counts := map[perf.Quantity]perf.Count{}
	for q, v := range t.Quantities() {
		counts[q] = perf.Count{Value: v, Source: perf.SourceInstrumented, Quality: perf.Exact}
	}
	for _, q := range want {
		if _, ok := counts[q]; ok {
			continue
		}
		why := "instrumentation counts instructions and what they access, not what caches do (the source simulated does)"
		if q == perf.Cycles {
			why = "instrumented runs are never timed"
		}
		counts[q] = perf.NotCounted(perf.SourceInstrumented, why)
	}
	return counts, nil
}

func (s Source) profile(ctx context.Context, w perf.Workload) (p *Profile, why string, err error) {
	if subject := local(w); subject != nil {
		p, err = subject.count()
		return p, "", err
	}
	spec, why := specOf(w)
	if why != "" {
		return nil, why, nil
	}
	p, err = s.Child.Profile(ctx, spec)
	return p, "", err
}

// local makes a subject of a workload that is counted in this process; nil for others.
func local(w perf.Workload) *Subject {
	l, ok := w.(Local)
	if !ok {
		return nil
	}
	return &Subject{Workload: w, Functions: Assembly(l.Assembly()...), Close: func() {}}
}

func specOf(w perf.Workload) (spec []byte, why string) {
	p, ok := w.(Portable)
	if !ok {
		return nil, "no other process can run this workload"
	}
	return p.Portable()
}

// Simulated is the source of simulated traffic: a child process runs the workload's assembly functions traced, and the trace
// goes through a model of this machine's caches. Calls before have warmed them up, as in repeated timing.
type Simulated struct {
	Child Child
	kinds kinds
}

// Name returns SourceSimulated.
func (Simulated) Name() perf.SourceName { return perf.SourceSimulated }

// Count implements perf.Source.
func (s Simulated) Count(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, error) {
	summary, why, err := s.summary(ctx, w)
	if why != "" {
		return perf.AllMissing(perf.SourceSimulated, want, why), nil
	}
	if err != nil {
		return nil, fmt.Errorf("simulate %s: %w", w.ID(), err)
	}
	return countsOf(summary.Summary, want), nil
}

// countsOf are the counts of a simulation by their names.
func countsOf(summary sim.Summary, want []perf.Quantity) map[perf.Quantity]perf.Count {
	counts := traffic(&summary)
	for _, q := range want {
		if _, ok := counts[q]; !ok {
			counts[q] = perf.NotCounted(perf.SourceSimulated, "the cache simulator gives traffic and misses of the levels that this machine has")
		}
	}
	return counts
}

func (s Simulated) summary(ctx context.Context, w perf.Workload) (found *traced, why string, err error) {
	if subject := local(w); subject != nil {
		found, err = subject.simulate(s.kinds)
		return found, "", err
	}
	spec, why := specOf(w)
	if why != "" {
		return nil, why, nil
	}
	found, err = s.Child.simulate(ctx, request{Spec: spec, Trace: &sim.Config{}, Kinds: s.kinds})
	return found, "", err
}

// traffic names what a simulation counted.
func traffic(s *sim.Summary) map[perf.Quantity]perf.Count {
	counts := map[perf.Quantity]perf.Count{}
	put := func(q perf.Quantity, n uint64) {
		counts[q] = perf.Count{Value: float64(n), Source: perf.SourceSimulated, Quality: perf.Simulated}
	}
	for _, l := range s.Levels {
		put(perf.Quantity("bytes."+l.Level), l.Total.Bytes)
		switch l.Level {
		case sim.Memory:
			put(perf.BytesDRAMRead, l.Total.BytesInwards)
			put(perf.BytesDRAMWrite, l.Total.BytesOutwards)
			continue
		case "L1":
			put(perf.BytesLoaded, l.Total.BytesInwards)
			put(perf.BytesStored, l.Total.BytesOutwards)
		case "L2":
			put(perf.BytesL2Fill, l.Total.BytesInwards)
		case "L3":
			put(perf.BytesL3Fill, l.Total.BytesInwards)
		}
		put(perf.Quantity("misses."+l.Level), l.Total.Misses)
	}
	return counts
}

// Quantities are the totals by their names.
func (t *Totals) Quantities() map[perf.Quantity]float64 {
	q := map[perf.Quantity]float64{
		perf.FLOPs: float64(t.FLOPs()), perf.Instructions: float64(t.Instructions),
		perf.Loads: float64(t.Loads), perf.Stores: float64(t.Stores),
		perf.BytesL1: float64(t.BytesLoaded + t.BytesStored), perf.BytesLoaded: float64(t.BytesLoaded), perf.BytesStored: float64(t.BytesStored),
		perf.FLOPsAsPMU: float64(t.PMUFLOPs()), perf.FLOPsFMA: float64(t.FMA),
	}
	for k, n := range t.Operations {
		of := perf.FLOPsOf
		if k.Integer {
			of = perf.IntOpsOf
		}
		q[of(k.DType, k.Width)] += float64(n)
		q[of(k.DType, "")] += float64(n)
	}
	return q
}
