package command

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
)

// play starts the test binary as a wrapper of a script and returns when the script has printed a line.
func play(t *testing.T, how, script string) (*exec.Cmd, *strings.Builder) {
	t.Helper()
	testkit.NeedSelf(t)
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), actor+"="+how+" "+script)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // in the background of a terminal, if there is one
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return c, &stderr
}

// What is sent to the wrapper reaches the command, whose answer is the wrapper's; no further run is made.
func TestSignalsAreForwarded(t *testing.T) {
	for _, sig := range []syscall.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT} {
		name := strings.TrimPrefix(unix.SignalName(sig), "SIG")
		for script, code := range map[string]int{
			"trap 'exit 7' " + name + "; echo; while :; do sleep 0.01; done": 7,
			"ulimit -c 0; echo; while :; do sleep 0.01; done":                128 + int(sig),
		} {
			c, stderr := play(t, "wrap", script)
			if err := c.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait()
			if c.ProcessState.ExitCode() != code || !strings.Contains(stderr.String(), "outcomes 1 interrupted") {
				t.Errorf("%s on %q: exit code %d, want %d; %s", name, script, c.ProcessState.ExitCode(), code, stderr)
			}
		}
	}
	c, stderr := play(t, "once", "trap 'exit 9' USR1; echo; while :; do sleep 0.01; done")
	_ = c.Process.Signal(unix.SIGUSR1)
	_ = c.Wait()
	if c.ProcessState.ExitCode() != 9 {
		t.Errorf("USR1: exit code %d; %s", c.ProcessState.ExitCode(), stderr)
	}
}

// SIGTSTP stops both, so that a shell sees its job stopped, and SIGCONT lets both go on.
func TestStopAndContinue(t *testing.T) {
	c, _ := play(t, "wrap", "trap 'exit 7' TERM; echo; while :; do sleep 0.01; done")
	state := func(pid int) string {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return ""
		}
		_, after, _ := strings.Cut(string(text), ") ")
		return after[:1]
	}
	child := func() int {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", c.Process.Pid, c.Process.Pid))
		if err != nil {
			return 0
		}
		n := 0
		_, _ = fmt.Sscan(string(text), &n)
		return n
	}
	until := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: not within 20 s; wrapper %s, command %s", what, state(c.Process.Pid), state(child()))
			}
		}
	}
	_ = c.Process.Signal(unix.SIGTSTP)
	until("stop", func() bool { return state(c.Process.Pid) == "T" })
	if pid := child(); pid != 0 {
		until("stop the command", func() bool { return state(pid) == "T" })
	}
	_ = c.Process.Signal(unix.SIGCONT)
	until("continue", func() bool { return state(c.Process.Pid) != "T" })
	if pid := child(); pid != 0 {
		until("continue the command", func() bool { return state(pid) != "T" })
	}
	_ = c.Process.Signal(unix.SIGTERM)
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != 7 {
		t.Errorf("exit code %d", code)
	}
}
