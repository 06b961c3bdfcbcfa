package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Floor is a measured noise floor.
type Floor struct {
	Value       float64 `json:"value"` // relative difference that comparisons of identical code stay below
	Pairs       int     `json:"pairs"` // of each comparison it holds for
	Comparisons int     `json:"comparisons"`
	Time        string  `json:"time"` // RFC 3339
	Of          string  `json:"of"`   // what was compared with itself
}

// Kind says what processes of a comparison are: their noise differs.
type Kind string

// The kinds.
const (
	OfKernels  Kind = "kernel"  // processes that time a kernel and give its median
	OfCommands Kind = "command" // commands, timed from start to end
)

// FloorOf is the noise floor that an A/A pair shows for comparisons of so many pairs: every run of consecutive pairs is a
// comparison of identical code. The comparisons overlap, so they are fewer independent ones than they seem.
func FloorOf(aa Pair, pairs int) (value float64, comparisons int) {
	var speedups []float64
	for i := 0; i+pairs <= len(aa.Base.Times); i++ {
		speedups = append(speedups, stats.MedianRatio(aa.Base.Times[i:i+pairs], aa.New.Times[i:i+pairs]))
	}
	return stats.NoiseFloor(speedups), len(speedups)
}

const floorVersion = 1

type storedFloors struct {
	Version     int            `json:"version"`
	Fingerprint string         `json:"fingerprint"`
	Floors      map[Kind]Floor `json:"floors"`
}

// LoadFloor returns the noise floor stored for the machine; ok is false when there is none.
func LoadFloor(fingerprint string, kind Kind) (f Floor, ok bool, err error) {
	s, err := loadFloors(fingerprint)
	if err != nil {
		return Floor{}, false, err
	}
	f, ok = s.Floors[kind]
	return f, ok, nil
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
