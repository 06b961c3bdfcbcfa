package cpu

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
)

// masksOf are the masks of this process's threads, without that of one.
func masksOf(t *testing.T, without int) (list [][]int) {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		tid, _ := strconv.Atoi(task.Name())
		set := unix.NewCPUSet(maxCPU)
		if tid == without || unix.SchedGetaffinityDynamic(tid, set) != nil {
			continue
		}
		list = append(list, members(set))
	}
	return list
}

func TestKeepOff(t *testing.T) {
	all, err := Affinity()
	if err != nil || len(all) < 2 {
		testkit.SkipUnsupported(t, testkit.MissingTool("a second CPU"))
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	unpin, err := Pin(all[0])
	if err != nil {
		t.Fatal(err)
	}
	defer unpin()
	me := unix.Gettid()
	restore := KeepOff(all[:1])
	for _, m := range masksOf(t, me) {
		if !slices.Equal(m, all[1:]) {
			t.Errorf("a thread may run on %v, want %v", m, all[1:])
		}
	}
	if mine, err := ThreadAffinity(); err != nil || !slices.Equal(mine, all[:1]) {
		t.Errorf("the pinned thread was moved to %v, %v", mine, err)
	}
	restore()
	for _, m := range masksOf(t, me) {
		if !slices.Equal(m, all) {
			t.Errorf("afterwards a thread may run on %v, want %v", m, all)
		}
	}
	KeepOff(all)() // none are left
	for _, m := range masksOf(t, me) {
		if !slices.Equal(m, all) {
			t.Errorf("without other CPUs a thread may run on %v, want %v", m, all)
		}
	}
}

// Under a real-time policy nobody is moved.
func TestKeepOffInRealTime(t *testing.T) {
	all, err := Affinity()
	if err != nil || len(all) < 2 {
		testkit.SkipUnsupported(t, testkit.MissingTool("a second CPU"))
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("sched_getattr"))
	}
	if err := unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}, 0); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("the right to a real-time policy"))
	}
	defer unix.SchedSetAttr(0, before, 0)
	defer KeepOff(all[:1])()
	for _, m := range masksOf(t, unix.Gettid()) {
		if !slices.Equal(m, all) {
			t.Errorf("a thread may run on %v, want %v", m, all)
		}
	}
}
