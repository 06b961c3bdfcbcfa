// Package atomicfile writes files that are there completely or not at all.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the file at path by what write writes. Until that has succeeded and is on the disk, a former file at path
// stays as it was; a failure leaves no file behind. The new file keeps the permissions of the former one, else it has 0644
// less the umask. path may be a symbolic link: its target is replaced, or made. What is not a regular file (/dev/stdout, a
// pipe) is written directly.
func Write(path string, write func(io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	mode := fs.FileMode(0)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	} else if target, err := os.Readlink(path); err == nil && !exists(path) { // the link stays, and leads somewhere from now on
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	switch st, err := os.Stat(path); {
	case err == nil && st.IsDir():
		return errors.New("is a directory")
	case err == nil && !st.Mode().IsRegular():
		return direct(path, write)
	case err == nil:
		mode = st.Mode().Perm()
	}

	f, err := create(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close() // a second Close is harmless
			os.Remove(f.Name())
		}
	}()
	if mode != 0 {
		if err := f.Chmod(mode); err != nil {
			return err
		}
	}
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	if err := errors.Join(w.Flush(), Sync(f), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

// CheckDir says why no file can be made in a directory; it makes one and removes it.
func CheckDir(dir string) error {
	f, err := os.CreateTemp(dir, ".roofline-probe-*")
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) { // whose path is that of the probe
		return fmt.Errorf("create a file in %s: %w", dir, failed.Err)
	} else if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// create makes a new file beside path, with the umask applied (os.CreateTemp would give 0600).
func create(path string) (*os.File, error) {
	for i := range 1000 {
		name := fmt.Sprintf("%s.%d.%d.tmp", path, os.Getpid(), i)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, errors.New("no free temporary name")
}

// syncDir makes the rename durable where directory and file system allow it; the content is on the disk already.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

func direct(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
