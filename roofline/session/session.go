package session

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/roofline"
)

// sessions is the directory of tuning sessions within an output directory, current the file in it that names the session
// which records.
const (
	sessions = "sessions"
	current  = "current"
)

// Session is a tuning session of an output directory: DIR/sessions/NAME.jsonl, one record a line, only ever appended to.
type Session struct {
	Name string
	path string
}

// ErrNone says that no session records.
var ErrNone = errors.New("no tuning session is under way (begin one: roofline session start NAME)")

// goodName is compiled when it is needed: with its character classes that takes some milliseconds of every start.
var goodName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL\pN][\pL\pN._-]{0,99}$`) })

// NameError says that a session cannot be called so.
type NameError struct{ Name string }

func (e *NameError) Error() string {
	return fmt.Sprintf("session name %.120q: use letters, digits, dots, dashes and underscores, a letter or digit first", e.Name)
}

func at(dir, name string) (*Session, error) {
	if !goodName().MatchString(name) || name == current {
		return nil, &NameError{name}
	}
	return &Session{name, filepath.Join(dir, sessions, name+".jsonl")}, nil
}

// Begin makes the session of that name the one which records, and creates it with a first record when it is new.
func Begin(dir, name string, first *Record) (s *Session, isNew bool, err error) {
	if s, err = at(dir, name); err != nil {
		return nil, false, err
	}
	if err := os.MkdirAll(filepath.Join(dir, sessions), 0o755); err != nil {
		return nil, false, fmt.Errorf("begin session: %w", err)
	}
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		isNew = true
		if err := s.Append(first); err != nil {
			return nil, false, err
		}
	}
	err = atomicfile.Write(filepath.Join(dir, sessions, current), func(w io.Writer) error {
		_, err := io.WriteString(w, name+"\n")
		return err
	})
	return s, isNew, err
}

// End stops the recording. The session stays and can be begun again.
func End(dir string) error {
	if err := os.Remove(filepath.Join(dir, sessions, current)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return ErrNone
}

// Current is the session which records in an output directory, or ErrNone.
func Current(dir string) (*Session, error) {
	name, err := os.ReadFile(filepath.Join(dir, sessions, current))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("find the session under way: %w", err)
	}
	return at(dir, strings.TrimSpace(string(name)))
}

// Find is the session of that name, which must exist.
func Find(dir, name string) (*Session, error) {
	s, err := at(dir, name)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(s.path); err != nil {
		names, _ := Names(dir)
		hint := "none was begun there: roofline session start " + name
		if len(names) > 0 {
			hint = "its sessions: " + strings.Join(names, ", ")
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("there is none of that name in %s", dir)
		}
		return nil, fmt.Errorf("find session %s: %w (%s)", name, err, hint)
	}
	return s, nil
}

// Names lists the sessions of an output directory.
func Names(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(escapeGlob(dir), sessions, "*.jsonl"))
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".jsonl")
	}
	return files, err
}

func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// Path is the file of the session.
func (s *Session) Path() string { return s.path }

// Append adds a record as one line and returns when it is on the disk; see Store.Append.
func (s *Session) Append(r *Record) error {
	if err := r.Validate(); err != nil {
		return fmt.Errorf("record in session %s: %w", s.Name, err)
	}
	line, err := json.Marshal(r)
	if err == nil {
		err = appendLine(s.path, line)
	}
	if err != nil {
		return fmt.Errorf("record in session %s: %w", s.Name, err)
	}
	return nil
}

// Records returns the records in the order in which they were appended. Lines that are none are skipped; skipped says which
// and why.
func (s *Session) Records() (records []*Record, skipped []error, err error) {
	return ReadRecords(s.path)
}

// ReadRecords is Records for the file of a session, or for a store, whose results become records of measurements.
func ReadRecords(path string) (records []*Record, skipped []error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read session: %w", err)
	}
	defer f.Close()
	if err := atomicfile.Lock(f, unix.LOCK_SH); err != nil {
		return nil, nil, fmt.Errorf("read session %s: lock: %w", path, err)
	}
	records, skipped, err = scanLines(f, decodeRecord)
	if err != nil {
		return nil, nil, fmt.Errorf("read session %s: %w", path, err)
	}
	return records, skipped, nil
}

// CeilingsFingerprint hashes ceilings, so that records tell whether they were placed under the same ones; "" for none.
func CeilingsFingerprint(list []roofline.Ceiling) string {
	if len(list) == 0 {
		return ""
	}
	lines := make([][]byte, len(list))
	for i, c := range list {
		lines[i] = fmt.Appendf(nil, "%s %d %g", c.ID, c.Threads, c.Value.Median)
	}
	slices.SortFunc(lines, bytes.Compare)
	sum := sha256.Sum256(bytes.Join(lines, []byte("\n")))
	return hex.EncodeToString(sum[:6])
}
