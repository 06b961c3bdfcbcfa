package ceilings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/roofline"
)

// EnvCache names the environment variable that overrides the directory of stored ceilings.
const EnvCache = cachedir.Env

// storeVersion changes when stored values are no longer comparable: another method, another meaning of an ID.
const storeVersion = 2

type stored struct {
	Version     int                `json:"version"`
	Fingerprint string             `json:"fingerprint"`
	Ceilings    []roofline.Ceiling `json:"ceilings"`
}

// file returns the path of the stored ceilings of a machine.
func file(fingerprint string) (string, error) { return cachedir.File("ceilings", fingerprint) }

// Load returns the stored ceilings of the machine with this fingerprint; none when nothing usable is stored. A file that is
// there but cannot be used is a warning; measuring again replaces it.
func Load(fingerprint string) ([]roofline.Ceiling, []roofline.Warning) {
	name, err := file(fingerprint)
	if err != nil {
		return nil, nil // Save will say so
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []roofline.Ceiling
	if err == nil {
		list, err = decode(data, fingerprint)
	}
	if err != nil {
		return nil, []roofline.Warning{{
			Text: fmt.Sprintf("the stored ceilings in %s cannot be used: %v", name, err),
			Cure: "they are measured again and the file is replaced",
		}}
	}
	return list, nil
}

// StoredAt is when the ceilings of the machine with this fingerprint were stored; the zero time when that is not known.
func StoredAt(fingerprint string) time.Time {
	name, err := file(fingerprint)
	if err != nil {
		return time.Time{}
	}
	st, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return st.ModTime()
}

// decode reads and checks the content of a file.
func decode(data []byte, fingerprint string) ([]roofline.Ceiling, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("read ceilings: %w", err)
	}
	switch {
	case s.Version != storeVersion:
		return nil, fmt.Errorf("read ceilings: version %d, want %d", s.Version, storeVersion)
	case s.Fingerprint != fingerprint:
		return nil, fmt.Errorf("read ceilings: of machine %.40q, want %q", s.Fingerprint, fingerprint)
	}
	res := roofline.NewResult(roofline.Machine{})
	res.Ceilings = s.Ceilings
	if err := res.Validate(); err != nil {
		return nil, fmt.Errorf("read ceilings: %w", err)
	}
	return s.Ceilings, nil
}

// Save stores the ceilings of the machine with this fingerprint in place of former ones.
func Save(fingerprint string, list []roofline.Ceiling) error {
	name, err := file(fingerprint)
	if err != nil {
		return fmt.Errorf("store ceilings: %w", err)
	}
	if err := cachedir.WriteJSON(name, stored{Version: storeVersion, Fingerprint: fingerprint, Ceilings: list}); err != nil {
		return fmt.Errorf("store ceilings: %w", err)
	}
	return nil
}
