package workers

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"

	"github.com/roofline-go/roofline/internal/cpu"
)

// Usable returns how many workers can run at once: the CPUs of the affinity mask, or what the cgroup quota or GOMAXPROCS
// allow if less; at least 1.
func Usable() int {
	cpus, err := cpu.Affinity()
	if err != nil {
		return 1
	}
	return limits{cpus, cpu.Quota(), runtime.GOMAXPROCS(0)}.most()
}

// CPUs chooses n CPUs of the affinity mask: one hardware thread of every core before the second of any, and the fastest
// cores first where they differ. It refuses more than Usable, saying what limits them.
func CPUs(n int) ([]int, error) {
	cpus, err := cpu.Affinity()
	if err != nil {
		return nil, err
	}
	return choose(n, limits{cpus, cpu.Quota(), runtime.GOMAXPROCS(0)}, topology{cpu.Siblings, cpu.Capacity})
}

// limits is what bounds the number of workers.
type limits struct {
	cpus  []int   // affinity mask
	quota float64 // of the cgroup, in CPUs; 0: none
	procs int     // GOMAXPROCS
}

func (l limits) most() int {
	most := min(len(l.cpus), l.procs)
	if l.quota > 0 && l.quota < float64(most) {
		most = int(l.quota + 1e-9)
	}
	return max(most, 1)
}

// String names the limits that apply.
func (l limits) String() string {
	text := "affinity " + cpu.FormatList(l.cpus)
	if l.quota > 0 {
		text += fmt.Sprintf(", cgroup quota %.1f", l.quota)
	}
	if l.procs < len(l.cpus) {
		text += fmt.Sprintf(", GOMAXPROCS %d", l.procs)
	}
	return text
}

// topology is what the choice depends on.
type topology struct {
	siblings func(cpu int) []int // hardware threads of the CPU's core
	capacity func(cpu int) int   // relative speed
}

func choose(n int, l limits, top topology) ([]int, error) {
	if n < 1 {
		return nil, fmt.Errorf("use %d threads: at least 1 is needed (pass --threads 1)", n)
	}
	if most := l.most(); n > most {
		return nil, fmt.Errorf("use %d threads: only %s usable here (%v); pass --threads %d", n, count(most), l, most)
	}
	type candidate struct{ cpu, turn, capacity int } // turn: how many threads of the same core come before
	var all []candidate
	used := map[int]int{} // by the first thread of the core
	for _, c := range l.cpus {
		core := slices.Min(top.siblings(c))
		all = append(all, candidate{c, used[core], top.capacity(c)})
		used[core]++
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.turn, b.turn), cmp.Compare(b.capacity, a.capacity))
	})
	chosen := make([]int, n)
	for i := range chosen {
		chosen[i] = all[i].cpu
	}
	return chosen, nil
}

func count(cpus int) string {
	if cpus == 1 {
		return "1 CPU is"
	}
	return fmt.Sprintf("%d CPUs are", cpus)
}
