package roofline

import (
	"encoding/json"
	"slices"

	"github.com/roofline-go/roofline/roofline/stats"
)

// Timing is the time of one call, in seconds.
type Timing struct {
	Unit string `json:"unit"` // "s"
	stats.Estimate
	Samples []float64 `json:"samples"` // every sample, in the order taken, each already divided by its batch; N/Turns of them a turn
	Batch   int       `json:"batch"`   // calls per sample
	// Waited says of each sample for how many seconds, per call, a worker was ready to run while others had its CPU; nil where
	// that was not long for any, or nobody could tell. It is not part of a sample of a single worker; of several workers
	// nobody knows how much one that waits holds up the others, so there it is part of it.
	Waited []float64 `json:"waited,omitempty"`
}

// Independent are the samples that repeat independently: the median of every turn, or the samples themselves where they did
// not come in turns.
func (t Timing) Independent() []float64 {
	if t.Turns == 0 || len(t.Samples) < t.Turns {
		return t.Samples
	}
	var medians []float64
	for turn := range slices.Chunk(t.Samples, len(t.Samples)/t.Turns) {
		medians = append(medians, stats.Summarize(turn).Median)
	}
	return medians
}

// timingWire is Timing in JSON. Timing needs methods of its own: it would inherit those of Estimate, which write no more
// than the estimate.
type timingWire struct {
	Unit    string    `json:"unit"`
	Median  *float64  `json:"median"`
	Lo      *float64  `json:"lo"`
	Hi      *float64  `json:"hi"`
	N       int       `json:"n"`
	Turns   int       `json:"turns,omitempty"`
	Samples []float64 `json:"samples"`
	Batch   int       `json:"batch"`
	Waited  []float64 `json:"waited,omitempty"`
}

// MarshalJSON writes the estimate's fields beside unit, samples and batch, bounds that are not known as null.
func (t Timing) MarshalJSON() ([]byte, error) {
	return json.Marshal(timingWire{t.Unit, stats.Nullable(t.Median), stats.Nullable(t.Lo), stats.Nullable(t.Hi), t.N, t.Turns,
		list(t.Samples), t.Batch, t.Waited})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Timing) UnmarshalJSON(data []byte) error {
	var w timingWire
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	e := stats.Estimate{Median: stats.Value(w.Median), Lo: stats.Value(w.Lo), Hi: stats.Value(w.Hi), N: w.N, Turns: w.Turns}
	*t = Timing{Unit: w.Unit, Estimate: e, Samples: w.Samples, Batch: w.Batch, Waited: w.Waited}
	return nil
}
