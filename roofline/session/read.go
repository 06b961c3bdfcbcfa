package session

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/roofline"
)

// Read returns the records of the store at path in the order in which they were appended. A line that is no valid record,
// such as one torn by a crash, is skipped; skipped says which line and why. err is for a store that cannot be read at all.
func Read(path string) (records []*roofline.Result, skipped []error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read store: %w", err)
	}
	defer f.Close()
	if err := atomicfile.Lock(f, unix.LOCK_SH); err != nil { // an append under way is seen whole or not at all
		return nil, nil, fmt.Errorf("read store %s: lock: %w", path, err)
	}
	records, skipped, err = scan(f)
	if err != nil {
		return nil, nil, fmt.Errorf("read store %s: %w", path, err)
	}
	return records, skipped, nil
}

// scan reads results line by line.
func scan(r io.Reader) (records []*roofline.Result, skipped []error, err error) {
	return scanLines(r, roofline.Unmarshal)
}

// scanLines decodes line by line; lines have no limit. What cannot be decoded is skipped.
func scanLines[T any](r io.Reader, decode func(line []byte) (T, error)) (records []T, skipped []error, err error) {
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			res, bad := decode(line)
			if bad != nil {
				skipped = append(skipped, fmt.Errorf("line %d: %w", n, bad))
			} else {
				records = append(records, res)
			}
		}
		if errors.Is(err, io.EOF) {
			return records, skipped, nil
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

// ReadDocument reads the result document at path.
func ReadDocument(path string) (*roofline.Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read result: %w", err)
	}
	defer f.Close()
	res, err := roofline.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return res, nil
}
