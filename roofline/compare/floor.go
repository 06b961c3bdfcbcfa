package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Floor is a measured noise floor: the relative difference that comparisons of identical code stay below.
type Floor struct {
	Values []FloorValue `json:"values"` // by rising number of pairs
	Time   string       `json:"time"`   // RFC 3339
	What   string       `json:"of"`     // what was compared with itself
	Busy   string       `json:"busy,omitempty"`
}

// FloorValue is the noise floor of comparisons of so many pairs.
type FloorValue struct {
	Pairs       int     `json:"pairs"`
	Value       float64 `json:"value"` // relative: 0.01 is 1 %
	Comparisons int     `json:"comparisons"`
}

// Fixed is a noise floor whatever the number of pairs.
func Fixed(value float64) Floor { return Floor{Values: []FloorValue{{Value: value}}} }

// Of is the noise floor of comparisons of at least so many pairs; 0 when none is known. Of fewer pairs than were tried it is
// that of the fewest.
func (f Floor) Of(pairs int) float64 {
	value := 0.0
	for i, v := range f.Values {
		if i == 0 || v.Pairs <= pairs {
			value = v.Value
		}
	}
	return value
}

// Sound says whether the floor was found by enough pairs to hold other comparisons against it: so many as an interval needs.
func (f Floor) Sound() bool {
	return len(f.Values) > 0 && f.Values[len(f.Values)-1].Pairs >= stats.MinSamples
}

// Note says where the floor comes from when it is what decides a comparison of the report, as that of one command may suit
// another badly; else it is empty.
func (f Floor) Note(r *Report) string {
	if f.What == "" {
		return ""
	}
	for i := range r.Comparisons {
		if r.Comparisons[i].hidden() || r.Gate != nil && r.Gate.Ruling == Unfit {
			when, _, _ := strings.Cut(f.Time, "T")
			return fmt.Sprintf("the noise floor was measured with %s on %s; where that is not like what is compared here, measure it again: roofline compare --aa", f.What, when)
		}
	}
	return ""
}

// Kind says what processes of a comparison are: their noise differs.
type Kind string

// The kinds.
const (
	OfKernels  Kind = "kernel"  // processes that time a kernel and give its median
	OfCommands Kind = "command" // commands, timed from start to end
)

// FloorOf is the noise floor that an A/A pair shows, for comparisons of so many pairs, twice as many, and so on while there
// are enough: every run of consecutive pairs is a comparison of identical code. The comparisons overlap, so they are fewer
// independent ones than they seem. Fewer pairs than twice the number are divided into two halves.
func FloorOf(aa Pair, pairs int) Floor {
	clock := aa.clock()
	base, new := aa.Base.samples(clock), aa.New.samples(clock)
	f := Floor{What: aa.Base.Label, Busy: aa.busyNote(clock)}
	for n := min(pairs, len(base)/2); n > 0 && 2*n <= len(base); n *= 2 {
		var speedups []float64
		for i := 0; i+n <= len(base); i++ {
			speedups = append(speedups, stats.MedianRatio(base[i:i+n], new[i:i+n]))
		}
		if v := stats.NoiseFloor(speedups); !math.IsNaN(v) {
			f.Values = append(f.Values, FloorValue{n, v, len(speedups)})
		}
	}
	return f
}

const floorVersion = 2

type storedFloors struct {
	Version     int            `json:"version"`
	Fingerprint string         `json:"fingerprint"`
	Floors      map[Kind]Floor `json:"floors"`
}

// LoadFloor returns the noise floor stored for the machine; ok is false when there is none that is sound.
func LoadFloor(fingerprint string, kind Kind) (f Floor, ok bool, err error) {
	s, err := loadFloors(fingerprint)
	if err != nil {
		return Floor{}, false, err
	}
	if f = s.Floors[kind]; !f.Sound() {
		return Floor{}, false, nil
	}
	return f, true, nil
}

func loadFloors(fingerprint string) (s storedFloors, err error) {
	empty := storedFloors{Version: floorVersion, Fingerprint: fingerprint, Floors: map[Kind]Floor{}}
	path, err := cachedir.File("floors", fingerprint)
	if err != nil {
		return empty, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err == nil && (s.Version != floorVersion || s.Fingerprint != fingerprint) {
		err = fmt.Errorf("version %d of machine %.40q, want %d of %q", s.Version, s.Fingerprint, floorVersion, fingerprint)
	}
	if err != nil {
		return empty, fmt.Errorf("read noise floors %s: %w (measure them again: roofline compare --aa KERNEL)", path, err)
	}
	if s.Floors == nil {
		s.Floors = empty.Floors
	}
	return s, nil
}

// SaveFloor stores a noise floor of the machine in place of a former one of that kind.
func SaveFloor(fingerprint string, kind Kind, f Floor) error {
	s, err := loadFloors(fingerprint)
	if err != nil && s.Floors == nil {
		return err
	}
	s.Floors[kind] = f
	path, err := cachedir.File("floors", fingerprint)
	if err == nil {
		err = cachedir.WriteJSON(path, s)
	}
	if err != nil {
		return fmt.Errorf("store noise floor: %w", err)
	}
	return nil
}
