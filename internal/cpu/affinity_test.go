package cpu

import (
	"errors"
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

// Who is not permitted to pin his own threads reads what forbids it; a CPU that is not there is another matter.
func TestPinError(t *testing.T) {
	for errno, filtered := range map[syscall.Errno]bool{unix.EPERM: true, unix.ENOSYS: true, unix.EINVAL: false} {
		err := pinError(3, errno)
		if !errors.Is(err, errno) || !strings.Contains(err.Error(), "pin thread to CPU 3: ") || strings.Contains(err.Error(), "filter forbids sched_setaffinity") != filtered {
			t.Errorf("%v: %v", errno, err)
		}
	}
}
