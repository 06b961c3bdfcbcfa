package loop

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCommand(t *testing.T) {
	if err := Command(t.Context(), "", "sh", "-c", "echo fine"); err != nil {
		t.Error(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := Command(t.Context(), dir, "sh", "-c", `[ "$(pwd -P)" = "`+dir+`" ]`); err != nil {
		t.Error(err)
	}
	err = Command(t.Context(), "", "sh", "-c", "echo to stdout; echo k.c:3: wrong >&2; exit 3")
	var b *BuildError
	if !errors.As(err, &b) {
		t.Fatalf("%v", err)
	}
	for _, w := range []string{"build failed: echo to stdout", "exit status 3", "    k.c:3: wrong", "    to stdout"} {
		if !strings.Contains(b.Block(), w) {
			t.Errorf("no %q in\n%s", w, b.Block())
		}
	}
}

// What the command has started ends with it.
func TestCommandIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := Command(ctx, "", "sh", "-c", "sleep 100 & sleep 100; wait"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestTelling(t *testing.T) {
	long := strings.Repeat("gcc -c a.c\n", 50) + "a.c:1: error: first\n" + strings.Repeat("note\n", 50)
	text := telling(long)
	if lines := strings.Split(text, "\n"); lines[0] != "a.c:1: error: first" || len(lines) != outputLines {
		t.Errorf("%s", text)
	}
	if text := telling("one\ntwo\n"); text != "one\ntwo" {
		t.Errorf("%q", text)
	}
}
