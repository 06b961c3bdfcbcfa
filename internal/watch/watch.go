// Package watch waits until files change. It looks at them only while it waits, so that nothing runs while something is
// measured, and needs no help of the file system, so that it works on network mounts and in containers too.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	interval = 200 * time.Millisecond // between looks
	mostSeen = 20000                  // files
)

// Set is what is watched: files, directories with all they hold, and patterns of filepath.Glob.
type Set struct {
	paths  []string
	ignore func(path string) bool
	own    []os.FileInfo // what this program writes to
}

// products are the endings of files that builds leave behind: they follow from the sources.
var products = []string{".o", ".so", ".a", ".d", ".lo", ".obj", ".test", ".out", ".pyc", ".tmp", ".swp", "~"}

// New begins to watch paths, of which every one must match something. Inside directories hidden files, what builds leave
// behind, and what ignore says (nil: nothing) are left out, and everywhere what this program's own output goes to.
func New(paths []string, ignore func(path string) bool) (*Set, error) {
	if ignore == nil {
		ignore = func(string) bool { return false }
	}
	for _, p := range paths {
		found, err := filepath.Glob(p)
		if err != nil {
			return nil, fmt.Errorf("watch %s: %w", p, err)
		}
		if len(found) == 0 {
			if _, err := os.Stat(p); err != nil {
				return nil, fmt.Errorf("watch %s: %w (name an existing file, a directory, or a quoted pattern)", p, err)
			}
		}
	}
	return &Set{slices.Clone(paths), ignore, outputs()}, nil
}

// outputs are the files that standard output and error lead to: a log that this program writes into a directory it watches must not
// wake it.
func outputs() (list []os.FileInfo) {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			list = append(list, info)
		}
	}
	return list
}

// State is how the files looked.
type State map[string]stamp

type stamp struct {
	size  int64
	mod   time.Time
	inode uint64
}

// Look takes the state of the files. One that vanishes meanwhile is not there.
func (s *Set) Look() (State, error) {
	state := State{}
	for _, p := range s.paths {
		roots, _ := filepath.Glob(p)
		if len(roots) == 0 {
			roots = []string{p}
		}
		for _, root := range roots {
			if err := s.add(state, root); err != nil {
				return nil, err
			}
		}
	}
	return state, nil
}

func (s *Set) add(state State, root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err != nil && path != root {
			return nil
		}
		if err != nil {
			return fmt.Errorf("watch %s: %w", path, err)
		}
		if path != root && (s.ignore(path) || strings.HasPrefix(d.Name(), ".") || isProduct(path) && !d.IsDir()) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := os.Stat(path)
		if err != nil || info.IsDir() || slices.ContainsFunc(s.own, func(own os.FileInfo) bool { return os.SameFile(own, info) }) {
			return nil
		}
		if len(state) >= mostSeen {
			return fmt.Errorf("watch %s: more than %d files (watch the sources only, by several --watch)", root, mostSeen)
		}
		st := stamp{size: info.Size(), mod: info.ModTime()}
		if sys, ok := info.Sys().(*syscall.Stat_t); ok {
			st.inode = sys.Ino
		}
		state[path] = st
		return nil
	})
}

func isProduct(path string) bool {
	return slices.ContainsFunc(products, func(end string) bool { return strings.HasSuffix(path, end) })
}

// changes lists the files that differ between two states.
func (a State) changes(b State) (list []string) {
	for path, st := range b {
		if old, ok := a[path]; !ok || old.size != st.size || old.inode != st.inode || !old.mod.Equal(st.mod) {
			list = append(list, path)
		}
	}
	for path := range a {
		if _, ok := b[path]; !ok {
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return list
}

// Wait returns when the files differ from since and have then stayed the same for a while: an editor writes more than once.
// It returns the files that changed and how they look now.
func (s *Set) Wait(ctx context.Context, since State) (changed []string, now State, err error) {
	last := since
	for {
		now, err := s.Look()
		if err != nil {
			return nil, nil, err
		}
		changed := since.changes(now)
		if len(changed) > 0 && len(last.changes(now)) == 0 {
			return changed, now, nil
		}
		last = now
		select {
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		case <-time.After(interval):
		}
	}
}
