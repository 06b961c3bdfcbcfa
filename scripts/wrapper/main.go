// Command wrapper measures what `roofline measure -- CMD` costs the command that it measures, in interleaved pairs with and
// without it: how much later the command begins, and how much longer a command of about a second takes.
//
// The command is this program itself, which prints when it began (CLOCK_MONOTONIC) and how long its work took.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/roofline/stats"
)

func main() {
	begin := monotonic()
	if len(os.Args) == 3 && os.Args[1] == "work" {
		n, err := strconv.Atoi(os.Args[2])
		if err != nil {
			os.Exit(2)
		}
		runtime.KeepAlive(work(n))
		took := monotonic() - begin
		fmt.Println(begin, took, clock(unix.CLOCK_PROCESS_CPUTIME_ID))
		return
	}
	pairs := flag.Int("pairs", 15, "interleaved pairs of each")
	roofline := flag.String("roofline", "roofline", "the program to measure")
	seconds := flag.Float64("seconds", 1, "about how long the command works")
	flag.Parse()
	if err := compare(*roofline, *pairs, *seconds); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// monotonic is the time in ns of a clock that all processes share.
func monotonic() int64 { return clock(unix.CLOCK_MONOTONIC) }

func clock(id int32) int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		panic(err)
	}
	return ts.Nano()
}

// work is n rounds over an array that fits in L2: loads, multiplications and additions.
func work(n int) (sum float64) {
	a := make([]float64, 1<<15)
	for i := range n {
		s := 0.0
		for k := range a {
			s += a[k] * float64(i)
			a[k] += s
		}
		sum += s
	}
	return sum
}

func compare(roofline string, pairs int, seconds float64) error {
	rounds := 1
	for took := time.Duration(0); took < 100*time.Millisecond; rounds *= 2 {
		begin := time.Now()
		runtime.KeepAlive(work(rounds))
		took = time.Since(begin)
	}
	begin := time.Now()
	runtime.KeepAlive(work(rounds))
	rounds = max(int(float64(rounds)*seconds/time.Since(begin).Seconds()), 1)

	dir, err := os.MkdirTemp("", "roofline-wrapper-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	wrapped := []string{roofline, "measure", "--out", dir, "--"}
	var later, start, whole, slower, dearer []float64
	for i := range pairs {
		order := [][]string{nil, wrapped}
		if i%2 == 1 {
			slices.Reverse(order)
		}
		var quick, long [2]timing
		for _, prefix := range order {
			which := min(len(prefix), 1)
			if quick[which], err = run(prefix, 0); err != nil {
				return err
			}
			if long[which], err = run(prefix, rounds); err != nil {
				return err
			}
		}
		start = append(start, quick[1].start)
		later = append(later, quick[1].start-quick[0].start)
		whole = append(whole, quick[1].whole-quick[0].whole)
		slower = append(slower, long[1].work/long[0].work)
		dearer = append(dearer, long[1].cpu/long[0].cpu)
	}
	row := func(what, unit string, scale float64, values []float64) {
		e := stats.Summarize(values).Scale(scale)
		fmt.Printf("%-46s %8.3f %s  95 %% [%.3f, %.3f]  n %d\n", what, e.Median, unit, e.Lo, e.Hi, e.N)
	}
	row("command begins after", "ms", 1e3, start)
	row("later than without", "ms", 1e3, later)
	row("empty command takes longer, report included, by", "ms", 1e3, whole)
	row(fmt.Sprintf("time of a %.3g s command, with / without", seconds), "  ", 1, slower)
	row("its CPU time, with / without", "  ", 1, dearer)
	return nil
}

// timing is in seconds: from the start of the first process to the command's main, the command's work in time and CPU time, and
// all of it.
type timing struct{ start, work, cpu, whole float64 }

func run(prefix []string, rounds int) (t timing, err error) {
	self, err := os.Executable()
	if err != nil {
		return t, err
	}
	args := append(slices.Clone(prefix), self, "work", strconv.Itoa(rounds))
	begin := monotonic()
	out, err := exec.Command(args[0], args[1:]...).Output()
	end := monotonic()
	if err != nil {
		return t, fmt.Errorf("run %v: %w", args, err)
	}
	var began, worked, cpu int64
	if _, err := fmt.Sscan(string(out), &began, &worked, &cpu); err != nil {
		return t, fmt.Errorf("read the output of %v: %w", args, err)
	}
	return timing{float64(began-begin) / 1e9, float64(worked) / 1e9, float64(cpu) / 1e9, float64(end-begin) / 1e9}, nil
}
