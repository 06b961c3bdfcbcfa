package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// curedMissing adds to the error of a file that is not there which results are near, and what writes one.
func curedMissing(path string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	hint := "roofline measure writes roofline-out/result.json, and adds to roofline-out/results.jsonl"
	if near := nearby(path); len(near) > 0 {
		hint = "there is " + strings.Join(near, ", ") + "; " + hint
	}
	return fmt.Errorf("%w (%s)", err, hint)
}

// nearby lists up to three results and stores in the path's directory, the one above, and their roofline-out: those with the
// path's own name first, then the newest.
func nearby(path string) []string {
	type file struct {
		name string
		same bool
		at   time.Time
	}
	var found []file
	dir := filepath.Dir(path)
	for _, d := range slices.Compact([]string{dir, filepath.Dir(dir), filepath.Join(dir, "roofline-out"), "roofline-out"}) {
		entries, err := os.ReadDir(d)
		if err != nil {
			continue
		}
		for _, e := range entries {
			name := filepath.Join(d, e.Name())
			st, err := e.Info()
			if err != nil || slices.ContainsFunc(found, func(f file) bool { return f.name == name }) || !holdsResult(name) {
				continue
			}
			found = append(found, file{name, e.Name() == filepath.Base(path), st.ModTime()})
		}
	}
	slices.SortFunc(found, func(a, b file) int {
		if a.same != b.same {
			return cmp.Compare(fmt.Sprint(b.same), fmt.Sprint(a.same))
		}
		return b.at.Compare(a.at)
	})
	var names []string
	for _, f := range found[:min(3, len(found))] {
		names = append(names, f.name)
	}
	return names
}

// holdsResult says whether a file is a result or a store: by its name, and by the schema that it begins with.
func holdsResult(name string) bool {
	if ext := filepath.Ext(name); ext != ".json" && ext != ".jsonl" {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 256))
	return err == nil && (bytes.Contains(head, []byte(`"roofline/result/`)) || bytes.Contains(head, []byte(`"roofline/session/`)))
}
