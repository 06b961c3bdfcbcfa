package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/roofline-go/roofline/roofline/session"
)

// cancelWriter cancels when a text is written to it, as Ctrl-C in the middle of a measurement does.
type cancelWriter struct {
	mu sync.Mutex
	bytes.Buffer
	at     string
	cancel context.CancelFunc
}

func (w *cancelWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if bytes.Contains(p, []byte(w.at)) {
		w.cancel()
	}
	return w.Buffer.Write(p)
}

func TestInterruptDuringCeilings(t *testing.T) {
	storeCeilings(t)
	t.Setenv("ROOFLINE_CACHE", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	errs := &cancelWriter{at: "ceilings:", cancel: cancel}
	code := run(ctx, &bytes.Buffer{}, errs, []string{"measure", "dot/naive"})
	if code != exitFailed || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("exit code %d, want %d and the word interrupted: %s", code, exitFailed, errs)
	}
}

// A call of a slow kernel cannot be interrupted: the first signal waits for its end, the second does not.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	storeCeilings(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "measure", "matmul/naive/f32", "--shape", "4000x4000x4000") // whose verification takes a minute
	cmd.Env = append(os.Environ(), asRoofline+"=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), "verify") {
	}
	cmd.Process.Signal(syscall.SIGTERM) // which no shell ignores in its background
	if !lines.Scan() || !strings.Contains(lines.Text(), "a second signal ends it at once") {
		t.Fatalf("at the first signal it says %q", lines.Text())
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
		if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !ws.Signaled() || ws.Signal() != syscall.SIGTERM {
			t.Errorf("it ended with %v, not by the signal", cmd.ProcessState)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on after a second signal")
	}
}

// TestInterruptKeepsWhatIsDone cancels as soon as the first kernel is on disk, while a slow one is still being timed. (Should
// the slow one be done in the same moment, the measurement just ends.)
func TestInterruptKeepsWhatIsDone(t *testing.T) {
	storeCeilings(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat("roofline-out/result.json"); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	var errs bytes.Buffer
	code := run(ctx, &bytes.Buffer{}, &errs, []string{"measure", "dot/naive/f32", "matmul/naive/f32", "--shape", "4096", "--shape", "300x300x300", "--time-budget", "30s"})
	if code != exitDone && (code != exitFailed || !strings.Contains(errs.String(), "interrupted")) {
		t.Errorf("exit code %d: %s", code, &errs)
	}
	res, err := session.ReadDocument("roofline-out/result.json")
	if err != nil || len(res.Runs) == 0 {
		t.Fatalf("result after an interrupt: %v", err)
	}
	if records, skipped, err := session.Read("roofline-out/results.jsonl"); err != nil || len(records) != 1 || len(skipped) > 0 {
		t.Errorf("store after an interrupt: %d records, skipped %v, %v", len(records), skipped, err)
	}
	if left, _ := filepath.Glob("roofline-out/.unfinished*"); len(left) > 0 {
		t.Errorf("what is in the store is left beside it: %v", left)
	}
}
