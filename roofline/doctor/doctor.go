// Package doctor says what can be measured and counted on this machine, and what to change to count more.
//
// It asks the very sources that measuring asks, so that its answer is theirs, and compares what they count with kernels of
// known work (perf/known). The verdicts are kept per machine and decide which source measuring uses. docs/doctor.md says what
// they mean.
package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline"
)

// Report is the doctor's findings.
type Report struct {
	Schema     string             `json:"schema"` // set where it is written
	Machine    roofline.Machine   `json:"machine"`
	CacheNotes []string           `json:"cache_notes,omitempty"` // where the kernel and the processor disagree on the caches
	ISAs       []ISA              `json:"isas"`
	Sources    []perf.SourceName  `json:"sources"` // that were asked, in the order asked
	Counters   []Counter          `json:"counters"`
	Verdicts   []perf.Verdict     `json:"verdicts"`           // of the sources that count, details included
	LeftOut    []Untested         `json:"left_out,omitempty"` // kernels of known work that cannot run here
	Used       []Use              `json:"used"`               // whose counts measuring uses by default
	Warnings   []roofline.Warning `json:"warnings"`
	Next       []Step             `json:"next_steps"`
}

// Schema is the version of the report in JSON. Additions keep it.
const Schema = "roofline/doctor/v1"

// MarshalJSON writes the schema, and empty lists as [], never as null.
func (r Report) MarshalJSON() ([]byte, error) {
	type plain Report // without this method
	r.Schema = Schema
	r.ISAs, r.Sources, r.Counters, r.Verdicts = list(r.ISAs), list(r.Sources), list(r.Counters), list(r.Verdicts)
	r.Used, r.Warnings, r.Next = list(r.Used), list(r.Warnings), list(r.Next)
	return json.Marshal(plain(r))
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// ISA is an instruction-set group that kernels and ceilings need as a whole.
type ISA struct {
	Name    cpu.ISA  `json:"name"`
	About   string   `json:"about"`
	Usable  bool     `json:"usable"`
	Missing []string `json:"missing,omitempty"` // features, by their /proc/cpuinfo names
	Cause   string   `json:"cause,omitempty"`
}

// Counter is one quantity at one source that is meant to count it.
type Counter struct {
	Quantity  perf.Quantity   `json:"quantity"`
	Source    perf.SourceName `json:"source"`
	Available bool            `json:"available"`
	Quality   perf.Quality    `json:"quality"`
	Reason    string          `json:"reason,omitempty"`
	Cure      string          `json:"cure,omitempty"`
	Verdict   *perf.Verdict   `json:"verdict,omitempty"` // on f64 and f32 work
}

// Untested is known work that cannot be done here.
type Untested struct {
	Kernel string `json:"kernel"`
	Why    string `json:"why"`
}

// Use says which source measuring takes a quantity from by default; none when nobody counts it.
type Use struct {
	Quantity perf.Quantity   `json:"quantity"`
	Source   perf.SourceName `json:"source,omitempty"`
}

// Step is something the user can do, and what it is good for.
type Step struct {
	For string `json:"for"`
	Do  string `json:"do"`
}

// about says in a few words what an instruction-set group is for.
var about = map[cpu.ISA]string{
	cpu.Go:         "plain Go",
	cpu.SSE:        "scalar and 128-bit",
	cpu.AVX2:       "256-bit, FMA",
	cpu.AVX512:     "512-bit: F, BW, DQ, VL",
	cpu.AVX512FP16: "half precision",
	cpu.AVX512BF16: "bfloat16 dot products",
	cpu.AVX512VNNI: "8-bit dot products",
	cpu.AMXBF16:    "bfloat16 tiles",
	cpu.AMXINT8:    "8-bit tiles",
}

// Options says what to examine.
type Options struct {
	Sources  []perf.Source // of counts, in the order of preference; the operating system's events are examined in any case
	Uarch    string        // microarchitecture that the user names, else ""
	Quick    bool          // fewer kernels of known work
	Progress Progress      // may be nil
}

// Run examines this machine, verifies the counters of the sources that count and stores the verdicts. It takes less than a
// second where nothing counts.
func Run(ctx context.Context, o Options) (*Report, error) {
	host, warnings, err := machine.Describe()
	if err != nil {
		return nil, err
	}
	r := &Report{Machine: host, CacheNotes: cache.TopologyNotes(), Warnings: warnings, ISAs: examineISAs(cpu.Usable)}
	if err := r.examineCounters(ctx, append(slices.Clone(o.Sources), event.NewOS())...); err != nil {
		return nil, fmt.Errorf("examine counters: %w", err)
	}
	if err := r.verify(ctx, o); err != nil {
		return nil, fmt.Errorf("verify counters: %w", err)
	}
	r.conclude()
	return r, nil
}

// verify judges the sources that have been seen to count something.
func (r *Report) verify(ctx context.Context, o Options) error {
	var counting []perf.Source
	for _, s := range o.Sources {
		if s.Name() != perf.SourceAnalytic && slices.ContainsFunc(r.Counters, func(c Counter) bool { return c.Source == s.Name() && c.Available }) {
			counting = append(counting, s)
		}
	}
	if len(counting) == 0 {
		return nil
	}
	effort := full
	if o.Quick {
		effort = quick
	}
	set, err := openKnown(r.Machine.Caches, r.Machine.Environment.MemoryBytes/8, o.Quick)
	if err != nil {
		r.Warnings = append(r.Warnings, roofline.Warning{Text: fmt.Sprintf("nothing could be verified: %v", err)})
		return nil
	}
	defer set.Close()
	for _, l := range set.LeftOut() {
		r.LeftOut = append(r.LeftOut, Untested{l.Name, l.Why})
	}
	for _, s := range counting {
		verdicts, err := verify(ctx, set, s, effort, o.progress)
		if err != nil {
			return err
		}
		r.Verdicts = append(r.Verdicts, verdicts...)
	}
	if err := save(r.Machine.Fingerprint, here(r.Machine, o.Uarch), r.Verdicts, time.Now()); err != nil {
		r.Warnings = append(r.Warnings, roofline.Warning{Text: err.Error(), Cure: "set ROOFLINE_CACHE to a directory that can be written"})
	}
	return nil
}

func (o Options) progress(done, total int, what string) {
	if o.Progress != nil {
		o.Progress(done, total, what)
	}
}

// conclude draws what follows from counters and verdicts: which source is used, and what can be done.
func (r *Report) conclude() {
	r.Machine.PMU.Verdicts = r.Verdicts
	for i := range r.Counters {
		c := &r.Counters[i]
		for j := range r.Verdicts {
			if v := &r.Verdicts[j]; v.Source == c.Source && v.Quantity == c.Quantity && v.On == "" {
				c.Verdict = v
			}
		}
	}
	choice := perf.Choice{Sources: r.Sources, Verdicts: r.Verdicts}
	for _, q := range perf.Known {
		use := Use{Quantity: q}
		order, _ := perf.Choose(choice, q, "")
		for _, s := range order {
			if use.Source == "" && slices.ContainsFunc(r.Counters, func(c Counter) bool { return c.Quantity == q && c.Source == s && c.Available }) {
				use.Source = s
			}
		}
		r.Used = append(r.Used, use)
	}
	r.Next = r.steps()
}

// examineISAs asks usable about every group.
func examineISAs(usable func(cpu.ISA) error) []ISA {
	var list []ISA
	for _, isa := range cpu.All() {
		err := usable(isa)
		g := ISA{Name: isa, About: about[isa], Usable: err == nil}
		var why *cpu.UnavailableError
		if errors.As(err, &why) {
			g.Missing, g.Cause = why.Missing, why.Cause
		} else if err != nil {
			g.Cause = err.Error()
		}
		list = append(list, g)
	}
	return list
}

// examineCounters lets every source count the known work.
func (r *Report) examineCounters(ctx context.Context, sources ...perf.Source) error {
	for _, s := range sources {
		r.Sources = append(r.Sources, s.Name())
		w, done := r.trial(s.Name())
		counts, err := s.Count(ctx, w, perf.Known)
		done()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, q := range perf.Known {
			if !meantFor(s.Name(), q) {
				continue
			}
			c, ok := counts[q]
			switch {
			case err != nil:
				c = perf.NotCounted(s.Name(), err.Error())
			case !ok:
				c = perf.NotCounted(s.Name(), "the source gave no answer")
			}
			r.Counters = append(r.Counters, Counter{
				Quantity: q, Source: s.Name(), Available: c.Quality != perf.Missing, Quality: c.Quality,
				Reason: c.Reason, Cure: r.cure(c),
			})
		}
	}
	return nil
}

// meantFor says whether source s is meant to count q at all.
func meantFor(s perf.SourceName, q perf.Quantity) bool {
	traffic := strings.HasPrefix(string(q), "bytes.")
	switch s {
	case perf.SourceOS:
		return q.OfSystem()
	case perf.SourceAnalytic:
		return q == perf.FLOPs || traffic
	case perf.SourceInstrumented:
		return q == perf.FLOPs || q == perf.Instructions || q == perf.BytesL1
	case perf.SourceSimulated:
		return traffic || strings.HasPrefix(string(q), "misses.")
	}
	return !q.OfSystem()
}

// steps gathers what the user can do, most useful first, each thing once.
func (r *Report) steps() []Step {
	var steps []Step
	seen := make(map[string]bool)
	add := func(what, do string) {
		if do != "" && !seen[do] {
			seen[do] = true
			steps = append(steps, Step{For: what, Do: do})
		}
	}
	if !r.Machine.PMU.Available {
		add("hardware counters", r.Machine.PMU.Cure)
	}
	for _, c := range r.Counters {
		add(string(c.Quantity), c.Cure)
	}
	for _, c := range r.Machine.Quality {
		if !c.OK {
			add(c.Name, c.Cure)
		}
	}
	return steps
}
