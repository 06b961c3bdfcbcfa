package perf

import (
	"encoding/json"
	"fmt"
	"math"
)

// countJSON is the wire form of Count: no value when missing, a running share only when scaled.
type countJSON struct {
	Value   *float64   `json:"value,omitempty"`
	Source  SourceName `json:"source"`
	Quality Quality    `json:"quality"`
	Running float64    `json:"running,omitempty"`
	Reason  string     `json:"reason,omitempty"`
	Note    string     `json:"note,omitempty"`
}

// MarshalJSON writes the count without a value when it is missing. A count that breaks Validate is an error.
func (c Count) MarshalJSON() ([]byte, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("write count: %w", err)
	}
	j := countJSON{Source: c.Source, Quality: c.Quality, Running: c.Running, Reason: c.Reason, Note: c.Note}
	if c.Quality != Missing {
		j.Value = &c.Value
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes and refuses what it never writes.
func (c *Count) UnmarshalJSON(b []byte) error {
	var j countJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("read count: %w", err)
	}
	if hasValue := j.Value != nil; hasValue == (j.Quality == Missing) {
		return fmt.Errorf("read count: quality %q with value present = %t", j.Quality, hasValue)
	}
	n := Count{Source: j.Source, Quality: j.Quality, Running: j.Running, Reason: j.Reason, Note: j.Note}
	if j.Value != nil {
		n.Value = *j.Value
	}
	if err := n.Validate(); err != nil {
		return fmt.Errorf("read count: %w", err)
	}
	*c = n
	return nil
}

// Validate checks that the count says where it comes from, that a missing one has a reason and no value, that a scaled
// one has a running share in (0,1), and that no other one claims either.
func (c Count) Validate() error {
	switch {
	case c.Source == "":
		return fmt.Errorf("count without a source")
	case c.Quality == Missing && (c.Reason == "" || c.Value != 0):
		return fmt.Errorf("missing count of source %s: need a reason and no value, have reason %q, value %g", c.Source, c.Reason, c.Value)
	case c.Quality != Missing && c.Reason != "":
		return fmt.Errorf("%s count of source %s has a reason to be missing: %q", c.Quality, c.Source, c.Reason)
	case math.IsNaN(c.Value) || math.IsInf(c.Value, 0):
		return fmt.Errorf("%s count of source %s is not finite", c.Quality, c.Source)
	}
	switch c.Quality {
	case Scaled:
		if !(c.Running > 0 && c.Running < 1) {
			return fmt.Errorf("scaled count of source %s: running share %g is not within (0,1)", c.Source, c.Running)
		}
	case Exact, Simulated, Analytic, Missing:
		if c.Running != 0 {
			return fmt.Errorf("%s count of source %s has a running share", c.Quality, c.Source)
		}
	default:
		return fmt.Errorf("count of source %s has unknown quality %q", c.Source, c.Quality)
	}
	return nil
}
