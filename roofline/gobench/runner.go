package gobench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/roofline-go/roofline/perf/command"
	"github.com/roofline-go/roofline/roofline/compare"
)

// Runner is the side of a comparison that is a benchmark in a test binary. It implements compare.Runner.
type Runner struct {
	Name   string // what the side is called
	Binary string // path of the test binary
	Dir    string // of the package: benchmarks may read files in it
	Target Target
	Time   time.Duration // of one process, for -test.benchtime
	Limit  time.Duration // by the clock
}

// Label implements compare.Runner.
func (r *Runner) Label() string { return r.Name }

// repeats is how often a process runs the benchmark, each time for its part of the time.
const repeats = 3

// Sample implements compare.Runner: it runs the benchmark in a process of its own and reads what it printed.
func (r *Runner) Sample(ctx context.Context, seed uint64, _ bool) (compare.Sample, error) {
	timeout, cancel := context.WithTimeout(ctx, r.Limit)
	defer cancel()
	cmd := exec.CommandContext(timeout, r.Binary, "-test.run=^$", "-test.bench="+r.Target.pattern(), fmt.Sprintf("-test.benchtime=%v", max(r.Time/repeats, 1)),
		fmt.Sprintf("-test.count=%d", repeats), "-test.benchmem", "-test.timeout=0")
	cmd.Dir = r.Dir
	cmd.Env = append(os.Environ(), compare.Padding(seed))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	floor := command.Floor()
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return compare.Sample{}, context.Cause(ctx)
	case timeout.Err() != nil:
		return compare.Sample{}, fmt.Errorf("hung: no result within %v (if it is only slow, raise --time-limit)", r.Limit)
	case err != nil:
		return compare.Sample{}, fmt.Errorf("run %s: %w:\n%s", r.Target.Name, err, telling(out.String()+"\n"+errs.String(), 8))
	}
	run, err := read(out.String(), r.Target)
	if err != nil {
		return compare.Sample{}, err
	}
	s := compare.Sample{Seconds: run.Time.Median, Run: *run}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && u.Maxrss<<10 > floor { // Linux counts in KiB
		s.PeakRSS = u.Maxrss << 10
		s.Run.Memory.PeakRSS = s.PeakRSS
	}
	return s, nil
}

// Build compiles the test binary of the target's package into a file.
func Build(ctx context.Context, t Target, out string, command func(ctx context.Context, dir, name string, args ...string) error) error {
	if err := command(ctx, "", "go", "test", "-c", "-o", out, t.Package); err != nil {
		return err
	}
	if _, err := os.Stat(out); err != nil {
		return fmt.Errorf("build %s: it has no test files", t.Package)
	}
	return nil
}

// DirOf is the directory of a package.
func DirOf(ctx context.Context, pkg string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", pkg)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("find package %s: %w (benchmarks need the Go toolchain on PATH)", pkg, err)
	}
	dirs := strings.Fields(string(out))
	if err != nil {
		return "", fmt.Errorf("find package %s: %w: %s", pkg, err, lastLines(errs.String(), 3))
	}
	if len(dirs) != 1 {
		return "", fmt.Errorf("find package %s: it names %d packages (name one)", pkg, len(dirs))
	}
	return dirs[0], nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(text, "?")), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// telling are at most n lines of what a failed benchmark printed: from the one that says why on, or the last ones. They are
// indented, as what a program printed.
func telling(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(text, "?")), "\n")
	from := max(0, len(lines)-n)
	for i, line := range lines {
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "--- FAIL") {
			from = i
			break
		}
	}
	return "    " + strings.Join(lines[from:min(from+n, len(lines))], "\n    ")
}
