// Command check reads the output of the test machine from standard input and says what is wrong with it; -v prints what is
// right, too. With -loops it prints the lengths of the loops that the jobs run.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/roofline-go/roofline/internal/pmuvm"
)

func main() {
	loops := flag.Bool("loops", false, "print the lengths of the loops")
	verbose := flag.Bool("v", false, "print what holds, too")
	flag.Parse()
	if *loops {
		for _, n := range pmuvm.Loops {
			fmt.Println(n)
		}
		return
	}
	log, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
	c := judge(string(log), pmuvm.Jobs())
	if *verbose {
		for _, line := range c.passed {
			fmt.Println("ok  ", line)
		}
	}
	fmt.Printf("virtual machine: %d expectations hold, %d do not\n", len(c.passed), len(c.failed))
	for _, line := range c.failed {
		fmt.Println("FAIL", line)
	}
	if len(c.failed) > 0 {
		os.Exit(1)
	}
}

// checker gathers what holds and what does not.
type checker struct {
	passed, failed []string
	runs           map[string]run
}

// expect notes whether something holds.
func (c *checker) expect(ok bool, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if ok {
		c.passed = append(c.passed, line)
	} else {
		c.failed = append(c.failed, line)
	}
}

// judge checks the machine's output against the jobs it was given.
func judge(log string, jobs []pmuvm.Job) *checker {
	c := &checker{}
	var rest []string
	var done bool
	c.runs, rest, done = parse(log)
	c.expect(done, "the machine ran all jobs and powered off")
	c.expect(len(rest) == 0, "the machine had no trouble of its own %v", rest)
	for _, j := range jobs {
		r, ok := c.runs[j.Name]
		c.expect(ok && r.code == 0, "%s: ended (%t) with exit code %d", j.Name, ok, r.code)
	}
	if len(c.failed) > 0 {
		return c
	}
	for _, check := range []func(){c.probe, c.permissions, c.doctor, c.command, c.regions} {
		check()
	}
	return c
}
