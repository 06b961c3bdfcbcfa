package subprocess

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/testkit"
)

const (
	again  = "-ask-again" // the test binary asks a process that never answers, and says its number
	asleep = "exec sleep 60"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == again {
		_ = Ask(context.Background(), []string{"/bin/sh", "-c", "echo $$ > " + os.Args[2] + "; " + asleep}, nil, 1, new(any))
		return
	}
	os.Exit(m.Run())
}

func TestAsk(t *testing.T) {
	var got struct{ N int }
	if err := Ask(t.Context(), []string{"/bin/sh", "-c", `read n; echo "{\"N\":$n$MORE}"`}, []string{"MORE=7"}, 42, &got); err != nil || got.N != 427 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A process that dies, or answers nonsense, is an error that tells.
func TestAskFails(t *testing.T) {
	for _, tt := range []struct {
		command []string
		want    string
	}{
		{nil, "no command"},
		{[]string{t.TempDir() + "/none"}, "no such file"},
		{[]string{"/bin/sh", "-c", "echo first line >&2; kill -SEGV $$"}, "segmentation fault"},
		{[]string{"/bin/sh", "-c", "echo the cause >&2; exit 3"}, "the cause"},
		{[]string{"/bin/sh", "-c", "echo nonsense"}, "read the answer"},
	} {
		if err := Ask(t.Context(), tt.command, nil, 1, new(any)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.command, err, tt.want)
		}
	}
}

// The cause of the end comes back, from a process, too, that does not listen.
func TestAskEndsWithItsContext(t *testing.T) {
	late := errors.New("too late")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, late)
	defer cancel()
	end := t.TempDir() + "/end"
	deaf := "trap '' TERM; for i in $(seq 100); do sleep 0.1; done; echo > " + end
	if err := Ask(ctx, []string{"/bin/sh", "-c", deaf}, nil, 1, new(any)); !errors.Is(err, late) {
		t.Errorf("%v, want %v", err, late)
	}
	if _, err := os.Stat(end); err == nil {
		t.Error("it ran to its end")
	}
}

// A process that hangs ends with the one that asked it, however that one ends.
func TestAskedProcessDoesNotStay(t *testing.T) {
	testkit.NeedSelf(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := t.TempDir() + "/pid"
	asking := exec.Command(self, again, file)
	if err := asking.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	for end := time.Now().Add(20 * time.Second); pid == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		text, _ := os.ReadFile(file)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	}
	if err := asking.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = asking.Wait()
	if pid == 0 {
		t.Fatal("it did not start")
	}
	for end := time.Now().Add(20 * time.Second); running(pid); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatal("it stayed")
		}
	}
}

// running says whether a process is there and has not ended: nobody may have waited for it.
func running(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
