package machine

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"strconv"
	"strings"
)

// ticks is where one CPU's time went since boot, in clock ticks of /proc/stat. The fields add up to the total; guest
// time is not among them because the kernel counts it as user time already.
type ticks struct {
	user, nice, system, idle, iowait, irq, softirq, steal uint64
}

// stat is /proc/stat: the ticks of each online CPU.
type stat map[int]ticks

// parseStat reads the per-CPU lines of /proc/stat: "cpu0 user nice system idle iowait irq softirq steal …". Kernels older
// than a field leave it out; it is 0 then.
func parseStat(text string) (stat, error) {
	s := make(stat)
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "cpu" {
			continue
		}
		digits, ok := strings.CutPrefix(fields[0], "cpu")
		if !ok {
			continue
		}
		cpu, err := strconv.ParseUint(digits, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("read /proc/stat: CPU number %q: %w", digits, err)
		}
		if len(fields) < 5 {
			return nil, fmt.Errorf("read /proc/stat: %s has %d fields, want at least 4", fields[0], len(fields)-1)
		}
		var t ticks
		for i, to := range []*uint64{&t.user, &t.nice, &t.system, &t.idle, &t.iowait, &t.irq, &t.softirq, &t.steal} {
			if i+1 >= len(fields) {
				break
			}
			if *to, err = strconv.ParseUint(fields[i+1], 10, 64); err != nil {
				return nil, fmt.Errorf("read /proc/stat: %s: %w", fields[0], err)
			}
		}
		s[int(cpu)] = t
	}
	if len(s) == 0 {
		return nil, fmt.Errorf("read /proc/stat: %w without a CPU line", io.ErrUnexpectedEOF)
	}
	return s, nil
}

func readStat(root fs.FS) (stat, error) {
	b, err := fs.ReadFile(root, "proc/stat")
	if err != nil {
		return nil, fmt.Errorf("read /proc/stat: %w", err)
	}
	return parseStat(string(b))
}

// usage is how some CPUs spent the time between two readings of /proc/stat.
type usage struct {
	busy, steal, idle uint64 // ticks: run by somebody; wanted but stolen by the hypervisor; not wanted
}

// between adds up the time that the given CPUs spent between two readings; all CPUs if none are given. The kernel now and
// then corrects a counter downwards: such a field counts as 0.
func between(from, to stat, cpus []int) usage {
	keep := make(map[int]bool)
	for _, c := range cpus {
		keep[c] = true
	}
	var u usage
	for cpu := range maps.Keys(to) {
		a, ok := from[cpu]
		if !ok || (len(cpus) > 0 && !keep[cpu]) {
			continue
		}
		b := to[cpu]
		u.busy += grown(a.user, b.user) + grown(a.nice, b.nice) + grown(a.system, b.system) + grown(a.irq, b.irq) + grown(a.softirq, b.softirq)
		u.steal += grown(a.steal, b.steal)
		u.idle += grown(a.idle, b.idle) + grown(a.iowait, b.iowait)
	}
	return u
}

func grown(from, to uint64) uint64 {
	if to < from {
		return 0
	}
	return to - from
}

// stealShare is the share of the wanted CPU time that the hypervisor gave to others; nil when too little time was wanted
// to tell (fewer than 10 ticks).
func (u usage) stealShare() *float64 {
	if u.busy+u.steal < 10 {
		return nil
	}
	return new(float64(u.steal) / float64(u.busy+u.steal))
}

// busyShare is the share of the time in which the CPUs ran something; -1 when no tick passed.
func (u usage) busyShare() float64 {
	if u.busy+u.steal+u.idle == 0 {
		return -1
	}
	return float64(u.busy+u.steal) / float64(u.busy+u.steal+u.idle)
}
