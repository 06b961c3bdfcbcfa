// Command gate tries the regression gate on this machine: how often it raises a false alarm on identical code, and how often
// it finds a change that is there. It compares two copies of a small program, or with -kernel of a function in a shared object,
// interleaved, as `roofline compare --gate` does, and writes one line of JSON per trial.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/stats"
)

// trial is one line of the record.
type trial struct {
	Time    string         `json:"time"`
	Slower  float64        `json:"slower"`  // true change of the work: 0.05 is 5 % more
	Seconds float64        `json:"seconds"` // that the trial took
	Pairs   int            `json:"pairs"`
	Clock   compare.Clock  `json:"clock"`
	Speedup stats.Estimate `json:"speedup"`
	P       float64        `json:"p"` // adjusted for the looks
	Floor   float64        `json:"floor"`
	Load    string         `json:"load"` // /proc/loadavg afterwards
	Ruling  compare.Ruling `json:"ruling"`
}

func main() {
	var (
		trials = flag.Int("trials", 200, "trials with identical code")
		found  = flag.Int("changes", 100, "trials with a true change")
		change = flag.Float64("change", 0.05, "the true change")
		work   = flag.Int("work", 9000, "thousands of dependent multiplications of the program")
		kernel = flag.Bool("kernel", false, "try a function of a shared object instead of a program")
		budget = flag.Duration("time-budget", 20*time.Millisecond, "of a process on the function")
		record = flag.String("record", "gate-trials.jsonl", "append the trials to `FILE`")
	)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	sides := func(dir string) (maker, error) { return commands(dir, *work) }
	if *kernel {
		sides = func(dir string) (maker, error) { return kernels(ctx, dir, *change, *budget) }
	}
	if err := run(ctx, sides, *trials, *found, *change, *record); err != nil {
		fmt.Fprintln(os.Stderr, "gate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, sides func(dir string) (maker, error), trials, changes int, change float64, record string) error {
	dir, err := os.MkdirTemp("", "gate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	side, err := sides(dir)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(record, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	aa, err := compare.Interleave(ctx, "floor", side("a", 0), side("b", 0), compare.Effort{Pairs: 6 * compare.GatePairs}, nil)
	if err != nil {
		return err
	}
	floor := compare.FloorOf(aa, compare.GatePairs).Of(compare.GatePairs)
	fmt.Printf("noise floor of %d pairs: %.2f %%\n", compare.GatePairs, 100*floor)
	effort := compare.DefaultGate.UntilRuled(compare.Fixed(floor), 1, compare.DecideWithin)
	for _, part := range []struct {
		n      int
		slower float64
	}{{trials, 0}, {changes, change}} {
		rulings := map[compare.Ruling]int{}
		for i := range part.n {
			begin := time.Now()
			p, err := compare.Interleave(ctx, "trial", side("a", 0), side("b", part.slower), effort, nil)
			if err != nil {
				return err
			}
			r := compare.Compare([]compare.Pair{p}, floor)
			ruling, _ := compare.DefaultGate.Rule(r)
			rulings[ruling]++
			c := r.Comparisons[0]
			load, _ := os.ReadFile("/proc/loadavg")
			line, err := json.Marshal(trial{begin.UTC().Format(time.RFC3339), part.slower, time.Since(begin).Seconds(), c.Time.Speedup.N, c.Clock,
				c.Time.Speedup, c.Adjusted, floor, strings.TrimSpace(string(load)), ruling})
			if err == nil {
				_, err = out.Write(append(line, '\n'))
			}
			if err != nil {
				return err
			}
			if (i+1)%50 == 0 {
				fmt.Printf("%+.0f %%: %d trials, %v\n", 100*part.slower, i+1, rulings)
			}
		}
		fmt.Printf("%+.0f %%: %d trials, %v\n", 100*part.slower, part.n, rulings)
	}
	return nil
}
