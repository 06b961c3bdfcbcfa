//go:build linux && (amd64 || arm64)

package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// mounts lists what is mounted from a scenario as a whole, where the scenario has it.
var mounts = [][2]string{
	{"sysfs/bus/event_source/devices", "/sys/bus/event_source/devices"},
	{"sysfs/devices/system/cpu", "/sys/devices/system/cpu"},
	{"sysfs/devices/system/node", "/sys/devices/system/node"},
	{"cpuinfo", "/proc/cpuinfo"},
	{"perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid"},
	{"nmi_watchdog", "/proc/sys/kernel/nmi_watchdog"},
}

// overlay is the directory of a scenario whose files cover the files of the same name one by one.
const overlay = "files"

const socket = 3 // the descriptor of the child's end of the socket pair

// ownMounts gives a child a mount namespace of its own, and as an ordinary user a user namespace to be allowed to.
func ownMounts() *syscall.SysProcAttr {
	if os.Getuid() == 0 {
		return &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	}
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

// becomeProgram runs in the child: it mounts the scenario, puts the filter on its thread, hands the filter's listener to
// the supervisor, and executes the program. It returns only in failure.
func becomeProgram(config string, argv []string) error {
	runtime.LockOSThread()
	var st stage
	if err := json.Unmarshal([]byte(config), &st); err != nil {
		return fmt.Errorf("parse stage: %w", err)
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return err
	}
	if st.Mount {
		if err := mountScenario(st.Dir); err != nil {
			return err
		}
	}
	// Set explicitly, the limit is not put back by exec: descriptors up to it must be possible.
	files := syscall.Rlimit{Cur: st.Limit, Max: st.Limit}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return fmt.Errorf("set limit of open files: %w", err)
	}
	listener, err := installFilter(uint32(st.Base))
	if err != nil {
		return fmt.Errorf("install seccomp filter: %w", err)
	}
	if err := unix.Sendmsg(socket, []byte{1}, unix.UnixRights(listener), nil, 0); err != nil {
		return fmt.Errorf("send listener: %w", err)
	}
	unix.Close(listener)
	unix.Close(socket)
	return fmt.Errorf("execute %s: %w", path, syscall.Exec(path, argv, os.Environ()))
}

// mountScenario covers the system's files by the scenario's, for this mount namespace only.
func mountScenario(dir string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	for _, m := range mounts {
		if err := cover(filepath.Join(dir, m[0]), m[1]); err != nil {
			return err
		}
	}
	top := filepath.Join(dir, overlay)
	return filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if path == top && os.IsNotExist(err) {
				return nil
			}
			return err
		}
		return cover(path, path[len(top):])
	})
}

// cover mounts source over target. What either does not have is left as it is: a kernel without the file is a case too.
func cover(source, target string) error {
	for _, path := range []string{source, target} {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return nil
		}
	}
	if err := unix.Mount(source, target, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s over %s: %w", source, target, err)
	}
	return nil
}
