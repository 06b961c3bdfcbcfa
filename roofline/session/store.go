// Package session keeps results on disk.
//
//	result document   one result, indented JSON, replaced as a whole
//	store             DIR/results.jsonl, one result a line, only ever appended to
//
// The store survives a crash at any byte: a record is written by one write call under a lock and synced, a torn line is
// closed by the next append and reported, never lost silently, by Read. Nothing here rewrites or deletes a record.
package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/roofline"
)

// FileName is the name of the store within its directory.
const FileName = "results.jsonl"

// Store is the store of one directory.
type Store struct{ path string }

// Open returns the store of dir and creates the directory if need be. The file comes with the first record.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return &Store{filepath.Join(dir, FileName)}, nil
}

// Path is the file of the store.
func (s *Store) Path() string { return s.path }

// Append adds res as one line and returns when it is on the disk. Several processes may append at the same time. When the
// write fails, e.g. because the disk is full, the store is as it was.
func (s *Store) Append(res *roofline.Result) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("append to store %s: %w", s.path, err)
		}
	}()
	if err := res.Validate(); err != nil {
		return err
	}
	line, err := json.Marshal(res) // one line: JSON escapes newlines within strings
	if err != nil {
		return err
	}
	return appendLine(s.path, line)
}

// appendLine adds one line to the file at path, under a lock and by one write, and returns when it is on the disk. A torn
// last line is closed first.
func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close() // releases the lock
	if err := atomicfile.Lock(f, unix.LOCK_EX); err != nil {
		return err
	}
	size, torn, err := tail(f)
	if err != nil {
		return err
	}
	record := append(line, '\n')
	if torn {
		record = append([]byte{'\n'}, record...)
	}
	if _, err := f.Write(record); err != nil {
		return errors.Join(err, f.Truncate(size))
	}
	if err := atomicfile.Sync(f); err != nil {
		return err
	}
	if size == 0 { // the file is new: so is its entry in the directory
		return syncDir(filepath.Dir(path))
	}
	return nil
}

// syncDir makes the entries of a directory last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, os.ErrPermission) { // one may write into a directory without reading it
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	return atomicfile.Sync(d)
}

// tail returns the size of the file, and whether its last line has no end.
func tail(f *os.File) (size int64, torn bool, err error) {
	size, err = f.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return size, false, err
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], size-1)
	return size, last[0] != '\n', err
}
