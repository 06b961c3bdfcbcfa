// Package cachedir is where the program keeps what it found out about machines: ceilings, verdicts on counters, noise
// floors. Everything in it can be measured again.
package cachedir

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/roofline-go/roofline/internal/atomicfile"
)

// Env names the environment variable that overrides the directory.
const Env = "ROOFLINE_CACHE"

// Dir is the directory. The error says what to set when the user has none.
func Dir() (string, error) {
	if dir := os.Getenv(Env); dir != "" {
		return filepath.Abs(dir)
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w (set %s to a directory)", err, Env)
	}
	return filepath.Join(base, "roofline"), nil
}

// File is the path of the file that keeps one kind of findings about the machine with a fingerprint.
func File(kind, fingerprint string) (string, error) {
	dir, err := Dir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, kind+"-"+filepath.Base(fingerprint)+".json"), nil
}

// Check says why nothing could be kept, with the cure: there is no directory, or it cannot be written.
func Check() error {
	dir, err := Dir()
	if err != nil {
		return err
	}
	if err = os.MkdirAll(dir, 0o755); err == nil {
		err = atomicfile.CheckDir(dir)
	}
	if err != nil {
		return fmt.Errorf("%w (set %s to a directory that can be written)", err, Env)
	}
	return nil
}

// WriteJSON replaces such a file by v as indented JSON, and makes the directory if need be.
func WriteJSON(path string, v any) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(v)
	})
}
