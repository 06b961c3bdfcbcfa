// Package perf is the vocabulary of counting: what is counted, where a count comes from and how far it can be trusted.
//
// Terms:
//
//	quantity  what is counted, e.g. flops or bytes.L2; the keys of the result document
//	source    who counted: pmu, instrumented, simulated, analytic, os
//	quality   how good the count is: exact, scaled, simulated, analytic, or missing with a reason
//	workload  something that can be run again and again to be counted
//
// The package refuses to turn "not counted" into a number: a missing count has a reason and no value.
package perf

import (
	"context"
	"strings"
)

// Quantity names what is counted. The values are keys of the result document.
type Quantity string

// The quantities of the result document. Bytes at level X are the traffic that level X serves, both ways; see docs/traffic.md.
const (
	FLOPs        Quantity = "flops"
	Instructions Quantity = "instructions"
	Cycles       Quantity = "cycles"
	BytesL1      Quantity = "bytes.L1"
	BytesL2      Quantity = "bytes.L2"
	BytesL3      Quantity = "bytes.L3"
	BytesDRAM    Quantity = "bytes.DRAM"
	MissesL1     Quantity = "misses.L1"
	MissesL2     Quantity = "misses.L2"
	MissesL3     Quantity = "misses.L3"

	// Operating-system events, counted around the timed samples to judge the environment.
	ContextSwitches     Quantity = "os.context_switches"     // all, those included that a thread asks for by going to sleep
	InvoluntarySwitches Quantity = "os.involuntary_switches" // of these: the thread was ready to run on
	Migrations          Quantity = "os.migrations"           // to another CPU
	PageFaults          Quantity = "os.page_faults"          // minor and major
)

// OfSystem says whether q is an event of the operating system, which only SourceOS counts.
func (q Quantity) OfSystem() bool { return strings.HasPrefix(string(q), "os.") }

// SourceName says who counted.
type SourceName string

// The sources, best first where they give the same quantity (a PMU only where it was verified).
const (
	SourcePMU          SourceName = "pmu"
	SourceInstrumented SourceName = "instrumented"
	SourceSimulated    SourceName = "simulated"
	SourceAnalytic     SourceName = "analytic"
	SourceOS           SourceName = "os"
)

// Quality says how far a count can be trusted.
type Quality string

// The qualities.
const (
	Exact     Quality = "exact"     // every occurrence was counted
	Scaled    Quality = "scaled"    // multiplexed: counted for Running of the time and scaled up
	Simulated Quality = "simulated" // result of a model fed with the exact address trace
	Analytic  Quality = "analytic"  // declared work, derived from the shape
	Missing   Quality = "missing"   // not counted; Reason says why
)

// Count is one counted quantity per call of the workload.
type Count struct {
	Value   float64 // per call; meaningless when Quality is Missing
	Source  SourceName
	Quality Quality
	Running float64 // share of the time the counter ran, 0..1; only for Scaled
	Reason  string  // why it is missing; only for Missing
	Note    string  // what a reader must know beside the value, e.g. what it does not include; mostly empty
}

// Workload is something a source can run and count.
type Workload interface {
	// ID names the workload in messages, e.g. "matmul/avx512/f32 512x512x512".
	ID() string
	// Workers returns how many OS threads share one call.
	Workers() int
	// OnEach runs f once on every worker's locked OS thread, concurrently, and returns the first error when all are done.
	OnEach(f func(worker int) error) error
	// Part runs worker's share of one call. It must be called from within OnEach, on that worker's thread.
	Part(worker int)
	// Declared returns the work declared from the shape: algorithmic FLOPs and compulsory bytes per level.
	Declared() map[Quantity]float64
}

// Source counts. Implementations: Analytic here, perf/event (PMU and OS events); later the instrumented and simulated ones.
type Source interface {
	Name() SourceName
	// Count runs w as often as it needs and returns one Count per wanted quantity, per call of w. A quantity that could
	// not be counted is present as Missing with the reason; the error is for a source that failed as a whole.
	Count(ctx context.Context, w Workload, want []Quantity) (map[Quantity]Count, error)
}
