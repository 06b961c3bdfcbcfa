package stats

import (
	"encoding/json"
	"math"
)

// wire is Estimate in JSON, where a value that is not known is null.
type wire struct {
	Median *float64 `json:"median"`
	Lo     *float64 `json:"lo"`
	Hi     *float64 `json:"hi"`
	N      int      `json:"n"`
	Turns  int      `json:"turns,omitempty"`
}

// MarshalJSON writes NaN as null. A struct that embeds Estimate inherits this method and so needs its own.
func (e Estimate) MarshalJSON() ([]byte, error) {
	return json.Marshal(wire{Nullable(e.Median), Nullable(e.Lo), Nullable(e.Hi), e.N, e.Turns})
}

// UnmarshalJSON reads null, or a field that is left out, as NaN.
func (e *Estimate) UnmarshalJSON(data []byte) error {
	var w wire
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*e = Estimate{Value(w.Median), Value(w.Lo), Value(w.Hi), w.N, w.Turns}
	return nil
}

// Nullable returns v for a JSON field in which NaN becomes null. Infinities stay, and JSON refuses them: they are bugs.
func Nullable(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

// Value is the inverse of Nullable.
func Value(p *float64) float64 {
	if p == nil {
		return math.NaN()
	}
	return *p
}

// comparisonWire is Comparison in JSON.
type comparisonWire struct {
	Base     Estimate `json:"base"`
	New      Estimate `json:"new"`
	Speedup  Estimate `json:"speedup"`
	P        *float64 `json:"p"`
	Paired   bool     `json:"paired"`
	Warnings []string `json:"warnings,omitempty"`
}

// MarshalJSON writes NaN as null.
func (c Comparison) MarshalJSON() ([]byte, error) {
	return json.Marshal(comparisonWire{c.Base, c.New, c.Speedup, Nullable(c.P), c.Paired, c.Warnings})
}

// UnmarshalJSON reads what MarshalJSON writes. A comparison that was read back has no bootstrap for GeoMean.
func (c *Comparison) UnmarshalJSON(data []byte) error {
	var w comparisonWire
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*c = Comparison{Base: w.Base, New: w.New, Speedup: w.Speedup, P: Value(w.P), Paired: w.Paired, Warnings: w.Warnings}
	return nil
}
