package cpu

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Governor returns the frequency governor of the usable CPUs, several with commas between; "" where the kernel has none.
func Governor() string { return governor(os.DirFS("/sys"), startMask) }

func governor(sys fs.FS, cpus []int) string {
	var names []string
	for _, cpu := range cpus {
		name := word(sys, "devices/system/cpu/cpu"+itoa(cpu)+"/cpufreq/scaling_governor")
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// THP returns the mode of transparent huge pages: always, madvise or never; "" where unknown.
func THP() string { return thp(os.DirFS("/sys")) }

func thp(sys fs.FS) string {
	_, rest, ok := strings.Cut(word(sys, "kernel/mm/transparent_hugepage/enabled"), "[")
	mode, _, closed := strings.Cut(rest, "]")
	if !ok || !closed {
		return ""
	}
	return mode
}

// NUMANodes counts the NUMA nodes that have memory; at least 1.
func NUMANodes() int { return numaNodes(os.DirFS("/sys")) }

func numaNodes(sys fs.FS) int {
	nodes, err := ParseList(word(sys, "devices/system/node/has_memory"))
	if err != nil || len(nodes) == 0 {
		return 1
	}
	return len(nodes)
}

// SMT says whether some core runs more than one hardware thread.
func SMT() bool { return smt(os.DirFS("/sys")) }

func smt(sys fs.FS) bool {
	dirs, err := fs.Glob(sys, "devices/system/cpu/cpu[0-9]*")
	if err != nil {
		return false
	}
	for _, d := range dirs {
		if threads, err := ParseList(word(sys, path.Join(d, "topology/thread_siblings_list"))); err == nil && len(threads) > 1 {
			return true
		}
	}
	return false
}

// Siblings returns the hardware threads of the core that runs a logical CPU, itself included; just itself where unknown.
func Siblings(cpu int) []int { return siblings(os.DirFS("/sys"), cpu) }

func siblings(sys fs.FS, cpu int) []int {
	threads, err := ParseList(word(sys, "devices/system/cpu/cpu"+itoa(cpu)+"/topology/thread_siblings_list"))
	if err != nil || len(threads) == 0 {
		return []int{cpu}
	}
	return threads
}

// fullCapacity is the speed of the fastest cores in the kernel's scale.
const fullCapacity = 1024

// Capacity returns the speed of a logical CPU relative to the fastest ones, which have 1024. Where the kernel tells only
// which cores are the efficient ones, those have half.
func Capacity(cpu int) int { return capacity(os.DirFS("/sys"), cpu) }

func capacity(sys fs.FS, cpu int) int {
	if n, err := strconv.Atoi(word(sys, "devices/system/cpu/cpu"+itoa(cpu)+"/cpu_capacity")); err == nil && n > 0 {
		return n
	}
	if efficient, err := ParseList(word(sys, "devices/cpu_atom/cpus")); err == nil && slices.Contains(efficient, cpu) {
		return fullCapacity / 2
	}
	return fullCapacity
}

// word reads a one-line file, "" where it cannot be read.
func word(sys fs.FS, name string) string {
	text, err := fs.ReadFile(sys, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
