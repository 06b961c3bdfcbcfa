package native

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/kernels"
)

// PeerCommand is the argument with which the helper calls a peer: another library's own function for an operation. It then
// answers one PeerRequest after another, each with one PeerAnswer, until its standard input ends.
const PeerCommand = "__peer"

// PeerRequest is one line to the helper of a peer. The field that is set says what to do; Open comes first.
type PeerRequest struct {
	Open   *PeerOpen `json:"open,omitempty"`
	Verify bool      `json:"verify,omitempty"`
	Batch  int       `json:"batch,omitempty"` // time so many calls in a row
}

// PeerOpen says which library to load, which of its functions to call, and on what.
type PeerOpen struct {
	Protocol  int      `json:"protocol"`
	Names     []string `json:"names"`               // of the library: a path, or names for the dynamic linker, the first that is found
	Calls     string   `json:"calls"`               // how its functions are called: blas, onednn or xsmm
	Use       PeerUse  `json:"use"`                 // of its functions
	Problem   *Problem `json:"problem,omitempty"`   // nil: only load it and say what it is
	Functions []string `json:"functions,omitempty"` // that are asked for: which of them are there?
	CPUs      []int    `json:"cpus"`                // that the library's threads may run on
}

// PeerUse is how a problem is solved by functions of a library.
type PeerUse struct {
	Function string        `json:"function,omitempty"` // e.g. cblas_sgemm, or matmul for oneDNN's primitive
	Queries  int           `json:"queries,omitempty"`  // of attention at a time; 0: all queries of all heads
	Scores   kernels.DType `json:"scores,omitempty"`   // type that scores of attention are kept in
}

// String words it, as in "matmul + softmax, 64 queries at a time, scores of bf16".
func (u PeerUse) String() string {
	text := u.Function
	switch {
	case u.Queries == 1:
		text += ", one query at a time"
	case u.Queries > 1:
		text += fmt.Sprintf(", %d queries at a time", u.Queries)
	}
	if u.Scores != "" {
		text += ", scores of " + string(u.Scores)
	}
	return text
}

// PeerAnswer is one line of the helper's answer.
type PeerAnswer struct {
	Error    string      `json:"error,omitempty"`
	Opened   *PeerOpened `json:"opened,omitempty"`
	Verified *Wrong      `json:"verified,omitempty"` // how the result compares with the reference, right or wrong
	Batch    *PeerBatch  `json:"batch,omitempty"`
}

// PeerOpened is what was loaded.
type PeerOpened struct {
	File     string   `json:"file"`
	Version  string   `json:"version,omitempty"`
	Kernel   string   `json:"kernel,omitempty"`  // which of its kernels the library has chosen, in its own words
	Exports  []string `json:"exports,omitempty"` // of the functions that were asked for
	Loaded   Loaded   `json:"loaded"`
	Operands []Range  `json:"operands,omitempty"`
}

// PeerBatch is what a batch of calls took, without any overhead of Go.
type PeerBatch struct {
	Seconds     float64 `json:"seconds"`
	Waited      float64 `json:"waited"`               // seconds for which other processes had the CPU; not part of Seconds
	Involuntary int64   `json:"involuntary_switches"` // of all threads of the process
	PageFaults  int64   `json:"page_faults"`
}

// Check refuses what no helper measures.
func (b PeerBatch) Check() error {
	if !(b.Seconds > 0) || math.IsInf(b.Seconds, 0) || !(b.Waited >= 0) || math.IsInf(b.Waited, 0) || b.Involuntary < 0 || b.PageFaults < 0 {
		return fmt.Errorf("%w: a batch of %g s", ErrGarbled, b.Seconds)
	}
	return nil
}
