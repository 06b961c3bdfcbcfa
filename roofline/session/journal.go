package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/roofline"
)

// Journal keeps the result of a measurement under way, so that it outlives the process: DIR/.unfinished-*.json, beside a
// lock that tells whether the process still lives. What a process that was killed has left is found by Recover.
type Journal struct {
	path string
	lock *os.File
}

const (
	unfinished = ".unfinished-"
	lockSuffix = ".lock"
)

// OpenJournal begins the journal of a measurement in an output directory.
func OpenJournal(dir string) (*Journal, error) {
	for {
		f, err := os.CreateTemp(dir, unfinished+"*"+lockSuffix)
		if err != nil {
			return nil, fmt.Errorf("open journal: %w", err)
		}
		there, err := claim(f)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open journal: %w", err), f.Close(), os.Remove(f.Name()))
		}
		if there {
			return &Journal{strings.TrimSuffix(f.Name(), lockSuffix) + ".json", f}, nil
		}
		f.Close()
	}
}

// claim locks a file and says whether it is still there: a Recover that came before the lock has taken it for one left behind.
func claim(f *os.File) (there bool, err error) {
	if err := atomicfile.Lock(f, unix.LOCK_EX); err != nil {
		return false, err
	}
	now, err := os.Stat(f.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && sameFile(f, now), err
}

// Save keeps the result so far in place of the one before.
func (j *Journal) Save(res *roofline.Result) error {
	return atomicfile.Write(j.path, func(w io.Writer) error { return json.NewEncoder(w).Encode(res) })
}

// Empty says whether nothing has been saved.
func (j *Journal) Empty() bool {
	_, err := os.Stat(j.path)
	return errors.Is(err, fs.ErrNotExist)
}

// Close says that the result is in the store, or that there is none to keep.
func (j *Journal) Close() error {
	err := os.Remove(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(j.lock.Name()), j.lock.Close())
}

// Recover hands over the results that processes which live no more have left in an output directory. A result that keep has
// taken over is not handed over again. Where file systems have no locks, nothing can be told and nothing is recovered.
func Recover(dir string, keep func(*roofline.Result) error) (n int, err error) {
	left, err := filepath.Glob(filepath.Join(escapeGlob(dir), unfinished+"*"+lockSuffix))
	if err != nil {
		return 0, err
	}
	for _, path := range left {
		kept, one := recoverOne(path, keep)
		if kept {
			n++
		}
		err = errors.Join(err, one)
	}
	return n, err
}

func recoverOne(path string, keep func(*roofline.Result) error) (kept bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false, nil // another has taken it over
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return false, nil // its process lives
	}
	if now, err := os.Stat(path); err != nil || !sameFile(f, now) {
		return false, nil
	}
	result := strings.TrimSuffix(path, lockSuffix) + ".json"
	res, err := ReadDocument(result)
	if err == nil && len(res.Runs) > 0 {
		if err := keep(res); err != nil {
			return false, err
		}
		kept = true
	}
	err = os.Remove(result)
	if errors.Is(err, fs.ErrNotExist) { // killed before the first run
		err = nil
	}
	halves, _ := filepath.Glob(escapeGlob(result) + ".*.tmp") // of a write that was under way
	for _, half := range halves {
		err = errors.Join(err, os.Remove(half))
	}
	return kept, errors.Join(err, os.Remove(path))
}

func sameFile(f *os.File, now fs.FileInfo) bool {
	then, err := f.Stat()
	return err == nil && os.SameFile(then, now)
}

// Has says whether the store holds a result of that time with as many runs.
func (s *Store) Has(res *roofline.Result) bool {
	all, _, err := Read(s.path)
	if err != nil {
		return false
	}
	for _, r := range all {
		if r.Time == res.Time && len(r.Runs) >= len(res.Runs) && r.Machine.Fingerprint == res.Machine.Fingerprint {
			return true
		}
	}
	return false
}
