package cpu

import (
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// KeepOff moves the threads of this process that are not pinned to the given CPUs to its other CPUs, until restore is called:
// the Go runtime's own threads, which wait for work by spinning, then take no time from what runs pinned. Without other CPUs
// it does nothing. Processes started meanwhile would be kept off, too. What cannot be moved stays where it is. Under a real-time
// policy it does nothing either: threads that spin would keep those that they wait for off the CPUs that are left.
func KeepOff(cpus []int) (restore func()) {
	all, err := Affinity()
	others := slices.DeleteFunc(slices.Clone(all), func(c int) bool { return slices.Contains(cpus, c) })
	if err != nil || len(others) == 0 || len(others) == len(all) || realTime() {
		return func() {}
	}
	moveThreads(func(mask []int) []int {
		if slices.ContainsFunc(mask, func(c int) bool { return slices.Contains(others, c) }) {
			return others
		}
		return nil // it is pinned
	})
	return func() {
		moveThreads(func(mask []int) []int {
			if slices.Equal(mask, others) {
				return all
			}
			return nil
		})
	}
}

// realTime says whether the calling thread runs under a policy by which it need not share its CPU with others.
func realTime() bool {
	attr, err := unix.SchedGetAttr(0, 0)
	return err == nil && (attr.Policy == unix.SCHED_FIFO || attr.Policy == unix.SCHED_RR)
}

// movePasses bounds how often threads are looked through.
const movePasses = 8

// moveThreads gives every thread of this process the mask that to chooses for its present one; nil leaves it. A thread that one not yet
// moved starts meanwhile has the old mask: they are looked through until none is left.
func moveThreads(to func(mask []int) []int) {
	for range movePasses {
		if !moveListed(to) {
			return
		}
	}
}

// moveListed gives the threads that are listed now their masks, and says whether one changed.
func moveListed(to func(mask []int) []int) (moved bool) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return false
	}
	set := unix.NewCPUSet(maxCPU)
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil || unix.SchedGetaffinityDynamic(tid, set) != nil {
			continue // it has ended
		}
		mask := members(set)
		want := to(mask)
		if want == nil || slices.Equal(want, mask) {
			continue
		}
		set.Zero()
		for _, c := range want {
			set.Set(c)
		}
		moved = unix.SchedSetaffinityDynamic(tid, set) == nil || moved
	}
	return moved
}
