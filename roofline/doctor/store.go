package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

const (
	storeVersion = 1
	mostEntries  = 8                   // conditions kept per machine, the newest: with and without privileges, say
	mostAge      = 30 * 24 * time.Hour // of verdicts that are used without asking again
)

// stored is the content of a machine's file.
type stored struct {
	Version     int     `json:"version"`
	Fingerprint string  `json:"fingerprint"`
	Entries     []entry `json:"entries"` // the newest first
}

// entry is the verdicts under one set of conditions.
type entry struct {
	conditions
	Time     time.Time      `json:"time"`
	Verdicts []perf.Verdict `json:"verdicts"`
}

// load returns the entries of the machine with a fingerprint; none when nothing usable is stored. A file that cannot be used is
// a warning; the next verification replaces it.
func load(fingerprint string) ([]entry, []roofline.Warning) {
	name, err := cachedir.File("verdicts", fingerprint)
	if err != nil {
		return nil, nil // save will say so
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var s stored
	if err == nil {
		s, err = decode(data, fingerprint)
	}
	if err != nil {
		return nil, []roofline.Warning{{
			Text: fmt.Sprintf("the stored verdicts in %s cannot be used: %v", name, err),
			Cure: "counters are verified again and the file is replaced",
		}}
	}
	return s.Entries, nil
}

func decode(data []byte, fingerprint string) (s stored, err error) {
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("read verdicts: %w", err)
	}
	switch {
	case s.Version != storeVersion:
		return s, fmt.Errorf("read verdicts: version %d, want %d", s.Version, storeVersion)
	case s.Fingerprint != fingerprint:
		return s, fmt.Errorf("read verdicts: of machine %.40q, want %q", s.Fingerprint, fingerprint)
	}
	for _, e := range s.Entries {
		for _, v := range e.Verdicts {
			if !slices.Contains([]perf.Status{perf.Verified, perf.Off, perf.NotThere, perf.Undecided}, v.Status) || v.Source == "" || v.Quantity == "" {
				return s, fmt.Errorf("read verdicts: unknown verdict %.20q on %.40q of source %.20q", v.Status, v.Quantity, v.Source)
			}
		}
	}
	return s, nil
}

// find returns the verdicts under the conditions given, unless they are too old.
func find(entries []entry, c conditions, now time.Time) (verdicts []perf.Verdict, ok bool) {
	for _, e := range entries {
		if e.conditions == c && now.Sub(e.Time) < mostAge {
			return e.Verdicts, true
		}
	}
	return nil, false
}

// save puts the verdicts of some sources in the place of their former ones under the same conditions.
func save(fingerprint string, c conditions, verdicts []perf.Verdict, now time.Time) error {
	entries, _ := load(fingerprint)
	if old, ok := find(entries, c, now); ok {
		for _, v := range old {
			if !slices.ContainsFunc(verdicts, func(n perf.Verdict) bool { return n.Source == v.Source }) {
				verdicts = append(verdicts, v)
			}
		}
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool { return e.conditions == c })
	entries = slices.Insert(entries, 0, entry{c, now, verdicts})
	name, err := cachedir.File("verdicts", fingerprint)
	if err == nil {
		err = cachedir.WriteJSON(name, stored{storeVersion, fingerprint, entries[:min(len(entries), mostEntries)]})
	}
	if err != nil {
		return fmt.Errorf("store verdicts: %w", err)
	}
	return nil
}
