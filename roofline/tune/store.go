package tune

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
)

// Tuned is a setting that was found faster than the default.
type Tuned struct {
	Setting kernels.Setting `json:"setting"`
	Speedup float64         `json:"speedup"` // over the default, from pairs of processes
	Lo      float64         `json:"lo"`      // its 95 % interval
	Hi      float64         `json:"hi"`
	Time    string          `json:"time"` // RFC 3339
}

const storeVersion = 1

type stored struct {
	Version     int              `json:"version"`
	Fingerprint string           `json:"fingerprint"`
	Tuned       map[string]Tuned `json:"tuned"` // by Key
}

// Key is what a setting holds for: a kernel, a shape and a number of threads.
func Key(k *kernels.Kernel, s shape.Shape, threads int) string {
	return fmt.Sprintf("%s %s t%d", k.ID(), s, threads)
}

// Load returns the settings stored for a machine, by Key. A file that cannot be used is an error; measuring goes on with
// the defaults then.
func Load(fingerprint string) (map[string]Tuned, error) {
	path, err := cachedir.File("tuned", fingerprint)
	if err != nil {
		return nil, nil // Save will say so
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var s stored
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err == nil && (s.Version != storeVersion || s.Fingerprint != fingerprint) {
		err = fmt.Errorf("version %d of machine %.40q, want %d of %q", s.Version, s.Fingerprint, storeVersion, fingerprint)
	}
	if err != nil {
		return nil, fmt.Errorf("read tuned settings %s: %w (tune again, or remove the file)", path, err)
	}
	return s.Tuned, nil
}

// Save stores a setting in place of a former one of that key; a setting that chooses nothing removes it.
func Save(fingerprint, key string, t Tuned) error {
	all, err := Load(fingerprint)
	if err != nil || all == nil {
		all = map[string]Tuned{}
	}
	all[key] = t
	if len(t.Setting) == 0 {
		delete(all, key)
	}
	path, err := cachedir.File("tuned", fingerprint)
	if err == nil {
		err = cachedir.WriteJSON(path, stored{storeVersion, fingerprint, all})
	}
	if err != nil {
		return fmt.Errorf("store tuned setting: %w", err)
	}
	return nil
}
