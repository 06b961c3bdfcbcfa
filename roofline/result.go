// Package roofline is the model: what a machine can do (Ceiling), what a kernel did (Run, Point) and what bound it.
// It is pure: it reads no file and no hardware, and of the clock only the date that NewResult stamps.
// Result is the document that --json writes and the store keeps.
//
// Terms:
//
//	ceiling     a measured limit of the machine: compute (FLOP/s), bandwidth of a level (B/s), latency (s)
//	AI          arithmetic intensity: FLOPs per byte of the traffic of one level
//	attainable  min(compute ceiling, AI × bandwidth): what the roofline model allows a run
//	ridge       the AI at which the compute ceiling meets a bandwidth ceiling
//	bound       the ceiling under which one call would take the longest; it alone decides the attainable performance
//
// The package refuses to place a run under ceilings of another thread count, and to draw a point from a missing count.
package roofline

import (
	"encoding/json"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Schema is the version of the result document. Additions keep it; a rename needs a new one.
const Schema = "roofline/result/v1"

// Result is the result document. All values are in SI base units: seconds, bytes, FLOP/s, B/s.
type Result struct {
	Schema   string    `json:"schema"`
	Time     string    `json:"time"` // RFC 3339, when the measurement began
	Machine  Machine   `json:"machine"`
	Ceilings []Ceiling `json:"ceilings"`
	Runs     []Run     `json:"runs"`
	Warnings []Warning `json:"warnings"`
}

// NewResult begins a result of machine m, dated now.
func NewResult(m Machine) *Result {
	return &Result{Schema: Schema, Time: time.Now().UTC().Format(time.RFC3339), Machine: m}
}

// MarshalJSON writes empty lists as [], never as null.
func (r Result) MarshalJSON() ([]byte, error) {
	type plain Result // without this method
	r.Ceilings = list(r.Ceilings)
	r.Runs = list(r.Runs)
	r.Warnings = list(r.Warnings)
	r.Machine.Caches = list(r.Machine.Caches)
	r.Machine.Quality = list(r.Machine.Quality)
	return json.Marshal(plain(r))
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Warning is a finding about a measurement: what was seen and what to do about it.
type Warning struct {
	About string `json:"about,omitempty"` // run ID or ceiling ID; empty: the whole result
	Text  string `json:"text"`
	Cure  string `json:"cure,omitempty"`
}

// Ceiling is one measured limit of the machine.
type Ceiling struct {
	ID      string         `json:"id"`   // compute.fma.avx512.f32, bandwidth.load.L1, latency.L2
	Kind    string         `json:"kind"` // compute | bandwidth | latency
	Op      string         `json:"op,omitempty"`
	ISA     string         `json:"isa,omitempty"`
	DType   string         `json:"dtype,omitempty"`
	Level   string         `json:"level,omitempty"` // L1 | L2 | L3 | DRAM
	Threads int            `json:"threads"`
	Unit    string         `json:"unit"` // FLOP/s | OP/s | B/s | s
	Value   stats.Estimate `json:"value"`
	Theory  float64        `json:"theory,omitempty"` // clock × ports × lanes; 0: not known
	Note    string         `json:"note,omitempty"`
	Effort  string         `json:"effort,omitempty"` // time spent on it: quick | default | full
	InLines bool           `json:"-"`                // Value counts lines that are moved, not the bytes that a loop asks for; see BandwidthRoof
	Sweep   *Sweep         `json:"sweep,omitempty"`  // of bandwidth.load.* and latency.*: where on the working set it was found
}

// Sweep is the part of a curve over the working set that belongs to a level, as one thread saw it.
type Sweep struct {
	Points []SweepPoint `json:"points"`       // by growing working set
	Lo     int64        `json:"lo,omitempty"` // working sets between which the value hardly changes, in bytes;
	Hi     int64        `json:"hi,omitempty"` // 0: no such plateau was found
}

// SweepPoint is the best value that was seen with a working set.
type SweepPoint struct {
	Bytes int64   `json:"bytes"`
	Value float64 `json:"value"` // in the unit of the ceiling
}

// Run is one measured kernel at one shape.
type Run struct {
	Kernel   string                         `json:"kernel"`
	Variant  string                         `json:"variant"`
	ISA      string                         `json:"isa"`
	DType    string                         `json:"dtype"`
	Shape    shape.Shape                    `json:"shape"`
	Threads  int                            `json:"threads"`
	Setting  map[string]int                 `json:"setting,omitempty"` // values of parameters that were tuned, or chosen by trial when the kernel was built
	Roof     string                         `json:"roof,omitempty"`    // compute ceiling this code could reach at best; "": chosen by dtype
	Time     Timing                         `json:"time"`
	Memory   Memory                         `json:"memory"`
	Counts   map[perf.Quantity][]perf.Count `json:"counts"` // first entry: the one the points use
	Points   []Point                        `json:"points"`
	Traffic  *Traffic                       `json:"traffic,omitempty"` // rate of bytes, from the same counts as the points
	Bound    *Bound                         `json:"bound,omitempty"`
	AtClock  *AtClock                       `json:"at_clock,omitempty"` // nil: its ceiling's loop was not run beside it
	Verified Verification                   `json:"verified"`
	Command  *Command                       `json:"command,omitempty"` // of a run of a command
	Region   *Region                        `json:"region,omitempty"`  // of a run of a marked region
	Object   *Object                        `json:"object,omitempty"`  // of a run of a function in a shared object
	Peer     *Peer                          `json:"peer,omitempty"`    // of a run of another library
	Analysis *Analysis                      `json:"analysis,omitempty"`
}

// Peer is the part of a Run that tells which library of others was called, and how it was set up.
type Peer struct {
	Library     string   `json:"library"` // openblas, blis, onednn, onednn-packed or libxsmm
	File        string   `json:"file"`
	Version     string   `json:"version,omitempty"`
	Function    string   `json:"function"`              // of its interface; where several compose an operation, how
	Kernel      string   `json:"kernel,omitempty"`      // which of its kernels it chose, in its own words
	Environment []string `json:"environment,omitempty"` // variables that make it choose so, e.g. BLIS_ARCH_TYPE=skx
}

// Object is the part of a Run that tells which function of a shared object was called how: by As or by Signature.
type Object struct {
	File      string `json:"file"`
	Function  string `json:"function"`
	As        string `json:"as,omitempty"`        // e.g. sgemm:512x512x512
	Signature string `json:"signature,omitempty"` // e.g. f32[1024], i64=1024
}

// Traffic is the rate of bytes of a run: the performance of a kernel without FLOPs. It is of the level that binds such a kernel,
// else of the outermost one whose bytes are known.
type Traffic struct {
	Level string  `json:"level"`
	Rate  float64 `json:"bytes_per_s"`
}

// Memory is what one run needed.
type Memory struct {
	WorkingSet    int64   `json:"working_set"`     // bytes of all operands
	PeakRSS       int64   `json:"peak_rss"`        // peak resident set of the process so far
	AllocsPerCall float64 `json:"allocs_per_call"` // heap allocations per call in the steady state
}

// Point is a run on the roofline against the traffic of one level.
type Point struct {
	Level string  `json:"level"`
	AI    float64 `json:"ai"` // FLOP/byte or OP/byte, by the run's Operation
	Perf  float64 `json:"flops_per_s"`
}

// Bound says which ceiling binds a run and how near it is.
type Bound struct {
	By         string   `json:"by"` // ceiling ID
	Attainable float64  `json:"attainable"`
	Unit       string   `json:"unit"`     // of Attainable: FLOP/s or OP/s, or B/s for a kernel without FLOPs
	Fraction   float64  `json:"fraction"` // measured performance / Attainable
	Why        string   `json:"why"`
	Advice     []string `json:"advice"`
}

// Verification says how the result of a run was checked before it was timed.
type Verification struct {
	Against   string  `json:"against"`
	MaxError  float64 `json:"max_error"`
	Tolerance float64 `json:"tolerance"`
}
