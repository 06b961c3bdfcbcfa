package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// put writes a file in one step, so that nobody who is kept waiting leaves one half done: its text must be longer than the former one.
func put(t *testing.T, path, text string) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err == nil && text != "" {
		_, err = file.WriteString(text)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		t.Error(err)
	}
}

// Each change is found and named: a write, a rename over the file as editors do, a new file, a removal.
func TestWaitFindsChanges(t *testing.T) {
	dir, beside := t.TempDir(), filepath.Join(t.TempDir(), "a.c")
	a, deep := filepath.Join(dir, "a.c"), filepath.Join(dir, "sub", "b.h")
	write(t, a, "1")
	write(t, deep, "1")
	write(t, beside, "333")
	set, err := New([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	state, err := set.Look()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"write", func() { put(t, a, "22") }, a},
		{"rename", func() {
			if err := os.Rename(beside, a); err != nil {
				t.Error(err)
			}
		}, a},
		{"deep", func() { put(t, deep, "22") }, deep},
		{"new file", func() { put(t, filepath.Join(dir, "c.c"), "") }, filepath.Join(dir, "c.c")},
		{"removal", func() { os.Remove(deep) }, deep},
	} {
		time.AfterFunc(10*time.Millisecond, c.do)
		changed, now, err := set.Wait(t.Context(), state)
		if err != nil || !slices.Equal(changed, []string{c.want}) {
			t.Errorf("%s: %v, %v, want %s", c.name, changed, err, c.want)
		}
		state = now
	}
}

// A file that is still being written is waited for: the state that is returned is the last one.
func TestWaitLetsTheDustSettle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.c")
	write(t, path, "")
	set, err := New([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	state, err := set.Look()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const writes = 6
	var begin, end [writes]time.Time
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := range writes {
			begin[i] = time.Now()
			_, _ = file.WriteString("x")
			end[i] = time.Now()
			time.Sleep(interval / 2)
		}
	}()
	_, now, err := set.Wait(t.Context(), state)
	<-written
	n := int(now[path].size)
	if err != nil || n < 1 || n > writes {
		t.Fatalf("returned at size %d, %v", n, err)
	}
	// Other processes may keep the writer waiting for longer than a file has to stay the same.
	if n < writes && end[n].Sub(begin[n-1]) < interval {
		t.Errorf("returned at size %d, want %d: the next write came within %v", n, writes, end[n].Sub(begin[n-1]))
	}
}

func TestLookLeavesOutWhatBuildsMake(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"k.c", "k.o", "libk.so", ".git/index", "out/x.c", "k.c~", "Makefile"} {
		write(t, filepath.Join(dir, f), "")
	}
	set, err := New([]string{dir}, func(p string) bool { return filepath.Base(p) == "out" })
	if err != nil {
		t.Fatal(err)
	}
	state, err := set.Look()
	if err != nil {
		t.Fatal(err)
	}
	if len(state) != 2 {
		t.Errorf("%v, want k.c and Makefile", state)
	}
	for _, path := range []string{filepath.Join(dir, "libk.so"), filepath.Join(dir, "*.c")} { // named, it is watched
		set, err := New([]string{path}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if state, err := set.Look(); err != nil || len(state) != 1 {
			t.Errorf("%s: %v, %v", path, state, err)
		}
	}
}

func TestWaitEnds(t *testing.T) {
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	set, err := New([]string{t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(10*time.Millisecond, func() { cancel(stop) })
	if _, _, err := set.Wait(ctx, State{}); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := New([]string{filepath.Join(t.TempDir(), "none.c")}, nil); err == nil || !strings.Contains(err.Error(), "existing") {
		t.Errorf("%v", err)
	}
}

// A log of this very program in a directory that it watches does not wake it.
func TestOwnOutputIsNotWatched(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.c"), "1")
	log, err := os.Create(filepath.Join(dir, "tune.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = log
	set, err := New([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	state, err := set.Look()
	if _, watched := state[filepath.Join(dir, "a.c")]; err != nil || !watched || len(state) != 1 {
		t.Errorf("%v, %v", state, err)
	}
}
