package pmuvm

import "fmt"

// Lengths of the loops that are run as commands: a program /bin/loop-N has 2·N+5 instructions.
var Loops = []uint32{1_000_000, 4_000_000}

// nobody is an ordinary user.
const nobody = 65534

// Levels are the values of perf_event_paranoid that the ladder of permissions climbs down.
var Levels = []int{3, 2, 1, 0, -1}

func paranoid(level int) map[string]string {
	return map[string]string{"kernel/perf_event_paranoid": fmt.Sprint(level)}
}

// Jobs lists what the machine does.
func Jobs() []Job {
	jobs := []Job{
		{Name: "probe", Argv: []string{"/bin/probe", "exact", "multiplex", "limits", "silent"}, Sysctl: paranoid(2)},
		{Name: "doctor", Argv: []string{"/bin/roofline", "doctor", "--json"}},
	}
	for _, level := range Levels {
		jobs = append(
			jobs,
			Job{Name: fmt.Sprintf("permissions %d", level), UID: nobody, Sysctl: paranoid(level), Argv: []string{"/bin/probe", "permissions"}},
			Job{Name: fmt.Sprintf("doctor %d", level), UID: nobody, Argv: []string{"/bin/roofline", "doctor", "--json"}},
		)
	}
	return jobs
}
