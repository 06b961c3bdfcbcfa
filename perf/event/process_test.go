package event

import (
	"math"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
)

// childPages, when set, makes the test binary touch so many fresh pages, half of them in a child of its own, and exit.
const childPages = "EVENT_TEST_PAGES"

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(childPages)); err == nil {
		touchPages(n)
	}
	knownWalk = 1 << 20 // the pretended PMUs do not care
	os.Exit(m.Run())
}

func touchPages(n int) {
	t := new(testing.T)
	if n < 0 {
		fault(t, -n)
		os.Exit(0)
	}
	fault(t, n/2)
	c := exec.Command(os.Args[0])
	c.Env = []string{childPages + "=" + strconv.Itoa(-n/2)}
	if err := c.Run(); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// countProcess counts page faults of a shell that waits, becomes the test binary, and touches pages.
func countProcess(t *testing.T, sys kernel, pages int) perf.Count {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("sh"))
	}
	plan, err := planner{sys: sys, root: os.DirFS("/"), available: notHere}.plan([]perf.Quantity{perf.PageFaults}, Options{})
	check(t, err)
	if len(plan.Passes) == 0 { // as when only the program is emulated, not the kernel
		testkit.SkipUnsupported(t, testkit.MissingTool("perf_event_open: "+plan.Missing(perf.PageFaults)))
	}
	c := exec.Command("/bin/sh", "-c", `read go; exec "$0"`, os.Args[0])
	c.Env = []string{childPages + "=" + strconv.Itoa(pages)}
	in, err := c.StdinPipe()
	check(t, err)
	check(t, c.Start())
	counters, err := plan.Open(0, Process(c.Process.Pid))
	if err != nil {
		_ = in.Close()
		_ = c.Wait()
		skipWithoutPerf(t, err)
	}
	defer counters.Close()
	var before, after Snapshot
	check(t, counters.Read(&before))
	if before.readings[0].Enabled != 0 {
		t.Errorf("enabled before the execve: %+v", before)
	}
	_, err = in.Write([]byte("\n"))
	check(t, err)
	check(t, c.Wait())
	check(t, counters.Read(&after))
	tally := plan.NewTally()
	tally.Add(0, counters, after.Since(before))
	return tally.Counts(1)[perf.PageFaults]
}

func notHere() (bool, string, string) { return false, "no PMU", "" }

// A process is counted with its children; the start-up that both runs share cancels out. What else a run faults in, as where memory is
// short, is more in one run than in another: the least of some runs is compared.
func TestProcessIsCountedWithItsChildren(t *testing.T) {
	for name, sys := range map[string]kernel{"group": linux{}, "one by one": refusesGroups{linux{}}} {
		t.Run(name, func(t *testing.T) {
			few, many := math.Inf(1), math.Inf(1)
			ok := false
			for try := 0; try < 5 && !ok; try++ {
				a, b := countProcess(t, sys, 2), countProcess(t, sys, 20_002)
				if a.Quality != perf.Exact || b.Quality != perf.Exact {
					t.Fatalf("%+v, %+v", a, b)
				}
				few, many = min(few, a.Value), min(many, b.Value)
				ok = many-few >= 19_500 && many-few <= 20_500
			}
			if !ok {
				t.Errorf("20,000 pages more: %v faults, then %v", few, many)
			}
		})
	}
}
