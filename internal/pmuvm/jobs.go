package pmuvm

import "fmt"

// Loops are the lengths of the loops that are run as commands: a program /bin/loop-N has Instructions(N).
var Loops = []uint32{Short, 4_000_000, Long}

// The shortest loop, and one that is long enough to be multiplexed.
const (
	Short = 1_000_000
	Long  = 100_000_000
)

// Instructions is the number of instructions of a program of n turns.
func Instructions(n uint32) float64 { return 2*float64(n) + 5 }

// RegionTurns is the length of the inner region of /bin/regions; the outer one has three times as many.
const RegionTurns = 2_000_000

// nobody is an ordinary user.
const nobody = 65534

// Levels are the values of perf_event_paranoid that the ladder of permissions climbs down.
var Levels = []int{Closed, 2, 1, 0, -1}

// Closed is the level of which Debian's kernels keep ordinary users from all events.
const Closed = 3

// Jobs lists what the machine does.
func Jobs() []Job {
	jobs := []Job{
		{Name: "probe", Argv: []string{"/bin/probe", "exact", "multiplex", "limits", "silent"}, Sysctl: paranoid(2)},
		{Name: "doctor", Argv: roofline("doctor", "--quick", "--source", "pmu", "--json")},
		{Name: "regions", Argv: measure("/bin/regions", "--regions", "--passes")},
		{Name: "multiplexed", Argv: measure(program(Long))},
	}
	for _, n := range Loops[:2] {
		jobs = append(jobs, Job{Name: fmt.Sprintf("loop %d", n), Argv: measure(program(n), "--passes")})
	}
	for _, level := range Levels {
		jobs = append(
			jobs,
			Job{Name: fmt.Sprintf("permissions %d", level), UID: nobody, Sysctl: paranoid(level), Argv: []string{"/bin/probe", "permissions"}},
			Job{Name: fmt.Sprintf("nobody %d", level), UID: nobody, Argv: measure(program(Short), "--passes", "--out", "/tmp/nobody")},
		)
		if level == Closed {
			jobs = append(jobs, Job{Name: "doctor of nobody", UID: nobody, Argv: roofline("doctor", "--quick", "--json")})
		}
	}
	return jobs
}

func paranoid(level int) map[string]string {
	return map[string]string{"kernel/perf_event_paranoid": fmt.Sprint(level)}
}

func program(n uint32) string { return fmt.Sprintf("/bin/loop-%d", n) }

func roofline(args ...string) []string {
	return append([]string{"/bin/roofline", args[0], "--no-progress"}, args[1:]...)
}

// measure measures a command; the document goes to standard output.
func measure(program string, flags ...string) []string {
	return append(append(roofline("measure", "--json", "-", "--out", "/tmp/out"), flags...), "--", program)
}
