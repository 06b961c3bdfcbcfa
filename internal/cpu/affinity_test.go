package cpu

import (
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPin(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	all, err := ThreadAffinity()
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	last := all[len(all)-1]
	unpin, err := Pin(last)
	if err != nil {
		t.Fatal(err)
	}
	if now, err := ThreadAffinity(); err != nil || !reflect.DeepEqual(now, []int{last}) {
		t.Errorf("pinned to CPU %d: %v, %v", last, now, err)
	}
	if process, err := Affinity(); err != nil || len(process) < len(all) {
		t.Errorf("pinning a thread changed the mask of the process: %v, %v", process, err)
	}
	if err := unpin(); err != nil {
		t.Error(err)
	}
	if now, err := ThreadAffinity(); err != nil || !reflect.DeepEqual(now, all) {
		t.Errorf("unpinned: %v, %v; want %v", now, err, all)
	}
	for _, no := range []int{-1, maxCPU - 1, maxCPU} { // no kernel has so many
		if _, err := Pin(no); err == nil {
			t.Errorf("pinned to CPU %d", no)
		}
	}
}

// Where a filter refuses a system call that everybody may make for his own threads, the error names the cure; a CPU that is not there is
// another matter.
func TestFilteredCallsHaveACure(t *testing.T) {
	for errno, cured := range map[syscall.Errno]bool{unix.EPERM: true, unix.EACCES: true, unix.ENOSYS: true, unix.EINVAL: false} {
		if got := filtered("sched_getaffinity", errno); strings.Contains(got, "filter forbids sched_getaffinity: allow it") != cured {
			t.Errorf("%v: %q", errno, got)
		}
	}
}
