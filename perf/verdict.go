package perf

import "time"

// Verdict is what kernels of known work told about one source's counter of one quantity on one machine. The name on the wire
// of Status is "verdict".
type Verdict struct {
	Source   SourceName `json:"source"`
	Quantity Quantity   `json:"quantity"`
	On       string     `json:"on,omitempty"` // flops only: judged under work of this type (f16, bf16); "": f64 and f32
	Status   Status     `json:"verdict"`
	Kernel   string     `json:"kernel,omitempty"` // under which the error was largest
	Expected float64    `json:"expected"`         // of that kernel, per call; where the hardware may choose, the nearer bound
	Counted  float64    `json:"counted"`          // what was counted, others' share taken off
	Error    float64    `json:"error"`            // (counted - expected) / expected, or over what could have been there
	Within   float64    `json:"tolerance"`        // largest error of a verified counter
	Kernels  int        `json:"kernels"`          // that judge it
	Others   float64    `json:"others,omitempty"` // share of what was counted that is put down to other processes
	Text     string     `json:"text,omitempty"`   // off by how much and where, or why it is missing or untested
	Time     time.Time  `json:"time"`
	Effort   string     `json:"effort,omitempty"` // quick or full
}

// Status is the verdict in a word.
type Status string

// The verdicts.
const (
	Verified  Status = "verified"
	Off       Status = "off"      // counts something else, or not all; not used unless trusted
	NotThere  Status = "missing"  // not counted, or 0 under work of its kind
	Undecided Status = "untested" // no kernel here has such work, or the machine was too busy to tell
)

// operationTypes are the types of operations for which FLOPs are judged apart: a PMU may count f64 and f32 well and see
// nothing of these.
var operationTypes = map[string]bool{"f16": true, "bf16": true}

// JudgedOn is the On of the verdict that tells about a quantity counted on work of a type (f64, f32, f16, bf16, int8).
func JudgedOn(q Quantity, dtype string) string {
	if q == FLOPs && operationTypes[dtype] {
		return dtype
	}
	return ""
}
