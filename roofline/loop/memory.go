package loop

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/roofline"
)

// memoryFile is the file in the directory of a loop that outlives the process.
const (
	memoryFile    = "loop.json"
	memoryVersion = 1
)

// memory is what a loop knows of its iterations.
type memory struct {
	Version    int      `json:"version"`
	Key        string   `json:"key"`
	Machine    string   `json:"machine"`
	Iterations int      `json:"iterations"`
	Previous   *version `json:"previous,omitempty"`
	Best       *version `json:"best,omitempty"`
}

// version is a kept build.
type version struct {
	N    int          `json:"n"`
	File string       `json:"file"` // name within the directory
	Sum  string       `json:"sum"`  // SHA-256
	Run  roofline.Run `json:"run"`
}

// recall reads the memory of a directory. One of another key, machine or version, or whose files are gone, is begun anew.
func recall(dir, key, machine string) (memory, error) {
	fresh := memory{Version: memoryVersion, Key: key, Machine: machine}
	data, err := os.ReadFile(filepath.Join(dir, memoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	var m memory
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err == nil {
		err = m.check(dir, key, machine)
	}
	if err != nil {
		return fresh, fmt.Errorf("the memory of the tuning loop in %s is begun anew: %w", dir, err)
	}
	return m, nil
}

func (m *memory) check(dir, key, machine string) error {
	switch {
	case m.Version != memoryVersion:
		return fmt.Errorf("it has version %d, want %d", m.Version, memoryVersion)
	case m.Key != key:
		return fmt.Errorf("it is of %.80q", m.Key)
	case m.Machine != machine:
		return fmt.Errorf("it is of the machine %.40q", m.Machine)
	case (m.Previous == nil) != (m.Best == nil):
		return errors.New("it knows a previous version without a best one, or the other way round")
	}
	for _, v := range []*version{m.Previous, m.Best} {
		if v == nil {
			continue
		}
		if v.File != filepath.Base(v.File) || v.N < 1 || v.N > m.Iterations {
			return fmt.Errorf("version %d in file %.40q", v.N, v.File)
		}
		sum, err := sumOf(filepath.Join(dir, v.File))
		if err != nil {
			return fmt.Errorf("version %d: %w", v.N, err)
		}
		if sum != v.Sum {
			return fmt.Errorf("version %d is not what it was: %s has changed", v.N, v.File)
		}
		res := roofline.NewResult(roofline.Machine{})
		res.Runs = []roofline.Run{v.Run}
		if err := res.Validate(); err != nil {
			return fmt.Errorf("version %d: %w", v.N, err)
		}
	}
	return nil
}

func (m *memory) save(dir string) error {
	return atomicfile.Write(filepath.Join(dir, memoryFile), func(w io.Writer) error { return json.NewEncoder(w).Encode(m) })
}

// find is the version with these bytes, nil when there is none.
func (m *memory) find(sum string) *version {
	for _, v := range []*version{m.Previous, m.Best} {
		if v != nil && v.Sum == sum {
			return v
		}
	}
	return nil
}

// forget removes the files of versions that are neither the previous nor the best one.
func (m *memory) forget(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		name := f.Name()
		if name == memoryFile || m.Previous != nil && name == m.Previous.File || m.Best != nil && name == m.Best.File {
			continue
		}
		var n int
		if _, err := fmt.Sscanf(name, "%d", &n); err != nil || f.IsDir() { // none of ours
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// keep copies a file, executable, and returns its sum.
func keep(from, to string) (sum string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", fmt.Errorf("keep what was built: %w (does the build write %s?)", err, from)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return "", fmt.Errorf("keep what was built: %w", err)
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, hash), in)
	if err := errors.Join(err, out.Close()); err != nil {
		return "", fmt.Errorf("keep what was built: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func sumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
