package main

import (
	"fmt"
	"io"
	"time"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/stats"
)

// floor is the stored noise floor for this kind of comparison, 0 where none is known; the note says what is wrong with it.
func (c *comparer) floor() (compare.Floor, string) {
	kind := c.kind
	if kind == "" {
		kind = compare.OfKernels
	}
	f, _, err := compare.LoadFloor(c.host.Fingerprint, kind)
	if err != nil {
		return compare.Floor{}, err.Error()
	}
	return f, ""
}

// floorDocument is what --aa writes to --json.
type floorDocument struct {
	Schema  string       `json:"schema"`
	Machine string       `json:"machine"` // its fingerprint
	Kind    compare.Kind `json:"kind"`
	compare.Floor
}

// storeFloor prints the noise floor that an A/A pair shows, and stores it where other comparisons can be held against it.
func (c *comparer) storeFloor(stdout, stderr io.Writer, aa compare.Pair) error {
	f := compare.FloorOf(aa, compare.DefaultPairs)
	if len(f.Values) == 0 {
		return usagef("--aa needs at least 2 pairs, got %d; pass --pairs %d", len(aa.Base.Times), floorPairs)
	}
	f.Time = time.Now().UTC().Format(time.RFC3339)
	if f.Sound() {
		if err := compare.SaveFloor(c.host.Fingerprint, c.kind, f); err != nil {
			return err
		}
	}
	human, err := c.document(stdout, stderr, floorDocument{"roofline/floor/v1", c.host.Fingerprint, c.kind, f})
	if err != nil {
		return err
	}
	for _, v := range f.Values {
		lines{w: human}.wrap("", fmt.Sprintf("noise floor of %s comparisons of %d pairs here: %.3g %% (%d overlapping A/A comparisons of %s)",
			c.kind, v.Pairs, 100*v.Value, v.Comparisons, units.OneLine(f.What)))
	}
	if !f.Sound() {
		lines{w: human}.wrap("note: ", fmt.Sprintf("so few pairs say too little of other comparisons: it is not stored; --pairs %d is, and %d is the default",
			2*stats.MinSamples, floorPairs))
	}
	if note := f.Busy; note != "" {
		lines{w: human}.wrap("note: ", note+"; measure it again when the machine is quiet")
	}
	return nil
}
