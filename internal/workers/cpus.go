package workers

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/internal/cpu"
)

// Usable returns how many workers can run at once: the CPUs of the affinity mask, or what the cgroup quota allows if less;
// at least 1.
func Usable() int {
	cpus, err := cpu.Affinity()
	if err != nil {
		return 1
	}
	return limit(len(cpus), cpu.Quota())
}

func limit(cpus int, quota float64) int {
	if quota > 0 {
		cpus = min(cpus, int(math.Floor(quota+1e-9)))
	}
	return max(cpus, 1)
}

// CPUs chooses n CPUs of the affinity mask: one hardware thread of every core before the second of any.
// It refuses more than Usable, saying what limits them.
func CPUs(n int) ([]int, error) {
	cpus, err := cpu.Affinity()
	if err != nil {
		return nil, err
	}
	return choose(n, cpus, cpu.Quota(), cpu.Siblings)
}

func choose(n int, cpus []int, quota float64, siblings func(int) []int) ([]int, error) {
	if n < 1 {
		return nil, fmt.Errorf("use %d threads: at least 1 is needed", n)
	}
	if most := limit(len(cpus), quota); n > most {
		cause := fmt.Sprintf("the affinity mask has %d CPUs", len(cpus))
		if most < len(cpus) {
			cause = fmt.Sprintf("the cgroup quota is %.3g CPUs", quota)
		}
		return nil, fmt.Errorf("use %d threads: %s; pass --threads %d or less", n, cause, most)
	}
	var first, rest []int
	taken := map[int]bool{}
	for _, c := range cpus {
		if taken[c] {
			rest = append(rest, c)
			continue
		}
		first = append(first, c)
		for _, s := range siblings(c) {
			taken[s] = true
		}
	}
	return append(first, rest...)[:n], nil
}
