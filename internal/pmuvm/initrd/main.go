// Command initrd writes the file system of the test machine, a compressed cpio archive:
//
//	initrd OUT.gz PATH=FILE ...
//
// PATH is the place in the machine. FILE may be loop:N, a program of 2·N+5 instructions.
package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/pmuvm"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "initrd:", err)
		os.Exit(1)
	}
}

func run(args []string) (err error) {
	if len(args) == 0 {
		return errors.New("usage: initrd OUT.gz PATH=FILE, any number of them")
	}
	out, err := os.Create(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	z, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	a := newArchive(z)
	for _, dir := range []string{"dev", "proc", "sys", "tmp"} {
		a.directory(dir)
	}
	jobs, err := json.Marshal(pmuvm.Jobs())
	if err != nil {
		return err
	}
	a.file(pmuvm.JobFile, jobs)
	for _, arg := range args[1:] {
		to, from, ok := strings.Cut(arg, "=")
		if !ok {
			return fmt.Errorf("%q: want PATH=FILE", arg)
		}
		content, err := load(from)
		if err != nil {
			return err
		}
		a.file(to, content)
	}
	return errors.Join(a.close(), z.Close())
}

// load reads a file or makes the program that it stands for.
func load(from string) ([]byte, error) {
	text, ok := strings.CutPrefix(from, "loop:")
	if !ok {
		return os.ReadFile(from)
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return nil, err
	}
	return loop(uint32(n)), nil
}

// archive is a cpio archive in the "newc" format, which the kernel unpacks as its first file system.
type archive struct {
	w    io.Writer
	dirs map[string]bool
	last int // inode
	err  error
}

func newArchive(w io.Writer) *archive { return &archive{w: w, dirs: map[string]bool{".": true}} }

func (a *archive) entry(name string, mode uint32, content []byte) {
	a.last++
	head := fmt.Sprintf("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		a.last, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0)
	a.write(head + name + "\x00")
	a.write(strings.Repeat("\x00", -(len(head)+len(name)+1)&3))
	a.write(string(content))
	a.write(strings.Repeat("\x00", -len(content)&3))
}

func (a *archive) write(s string) {
	if a.err == nil {
		_, a.err = io.WriteString(a.w, s)
	}
}

// directory adds a directory and those above it, once.
func (a *archive) directory(name string) {
	if a.dirs[name] {
		return
	}
	a.directory(path.Dir(name))
	a.dirs[name] = true
	a.entry(name, 0o040755, nil)
}

// file adds a file that everybody may read and execute.
func (a *archive) file(name string, content []byte) {
	name = strings.TrimPrefix(path.Clean(name), "/")
	a.directory(path.Dir(name))
	a.entry(name, 0o100755, content)
}

func (a *archive) close() error {
	a.entry("TRAILER!!!", 0, nil)
	return a.err
}
