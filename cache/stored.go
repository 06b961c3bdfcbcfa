package cache

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/internal/cpu"
)

// stored is the file that keeps a latency curve, so that all processes on a machine speak of the same levels.
type stored struct {
	Version int       `json:"version"`
	Of      string    `json:"of"` // processor
	At      time.Time `json:"measured"`

	Provisional bool  `json:"provisional,omitempty"` // not firm: see chaseCurve
	Curve       []hop `json:"curve"`
}

// holdsProvisional is for how long all processes speak of the levels of a curve that was measured on a busy machine.
const holdsProvisional = time.Hour

// storedVersion changes when former curves are no longer good: another chase, other working sets.
const storedVersion = 1

// processor is what a curve belongs to: not the machine's fingerprint, which knows more of it, the caches among that.
func processor() (string, error) {
	info, err := cpu.Detect()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s %d/%d/%d %s %s", info.Vendor, info.Name, info.Family, info.Model, info.Stepping, info.Arch, info.VM), nil
}

// keptCurve returns the curve in a file of the user's cache directory, or measures and keeps it there. Processes that begin at the same time
// wait for the first of them, but not for ever. Without a file it is measured all the same: that of a broken one or of another processor is replaced.
// One that is not firm is kept for an hour.
func keptCurve(of string, measure func() (curve []hop, firm bool, err error)) ([]hop, error) {
	path, err := curveFile(of)
	if err != nil {
		c, _, err := measure()
		return c, err
	}
	if c, err := loadCurve(path, of); err == nil {
		return c, nil
	}
	defer lockDir(filepath.Dir(path))()
	if c, err := loadCurve(path, of); err == nil {
		return c, nil
	}
	c, firm, err := measure()
	if err != nil {
		return nil, err
	}
	_ = cachedir.WriteJSON(path, stored{Version: storedVersion, Of: of, At: time.Now().UTC().Truncate(time.Second), Provisional: !firm, Curve: c}) // else the next process measures again
	return c, nil
}

func curveFile(of string) (string, error) {
	return cachedir.File("latencies", strings.Map(fileRune, of))
}

// fileRune keeps what may stand in the name of a file everywhere.
func fileRune(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}

func loadCurve(path, of string) ([]hop, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return decodeCurve(data, of, time.Now())
}

// decodeCurve reads the content of a file and refuses what chaseCurve does not measure, and what holds no more.
func decodeCurve(data []byte, of string, now time.Time) ([]hop, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("read latencies: %w", err)
	}
	if s.Version != storedVersion || s.Of != of {
		return nil, fmt.Errorf("read latencies: version %d of %.60q, want %d of %q", s.Version, s.Of, storedVersion, of)
	}
	if age := now.Sub(s.At); s.Provisional && (age >= holdsProvisional || age < 0) {
		return nil, fmt.Errorf("read latencies: measured %v ago on a busy machine, or in little memory", age)
	}
	size := int64(leastChase)
	for _, h := range s.Curve {
		if h.Bytes != size || size > mostChase || !(h.Seconds > 0 && h.Seconds < 1) {
			return nil, fmt.Errorf("read latencies: %g s at %d bytes", h.Seconds, h.Bytes)
		}
		size = nextHalf(size)
	}
	if len(s.Curve) < 2*narrowest {
		return nil, fmt.Errorf("read latencies: only %d", len(s.Curve))
	}
	return slices.Clip(s.Curve), nil
}

// lockDir waits until no other process has locked the directory, some seconds at most. A directory that cannot be made or locked
// holds nobody up.
func lockDir(dir string) (unlock func()) {
	const patience, pause = 5 * time.Second, 20 * time.Millisecond
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return func() {}
	}
	f, err := os.Open(dir)
	if err != nil {
		return func() {}
	}
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(pause) {
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != unix.EWOULDBLOCK && err != unix.EINTR {
			break
		}
	}
	return func() { f.Close() } // which unlocks it
}
