//go:build linux

// Command init is process 1 of the test machine: it mounts the kernel's file systems, runs the jobs one after the other,
// and powers off. What it prints is described in package pmuvm.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/pmuvm"
)

const commandNotFound = 127

func main() {
	for _, m := range [][2]string{{"devtmpfs", "/dev"}, {"proc", "/proc"}, {"sysfs", "/sys"}, {"tmpfs", "/tmp"}} {
		warn(unix.Mount(m[0], m[1], m[0], 0, ""))
	}
	warn(os.Chmod("/tmp", 0o1777))
	warn(os.Setenv("PATH", "/bin"))
	warn(os.Setenv("HOME", "/tmp"))
	warn(os.WriteFile("/proc/sys/kernel/printk", []byte("1 4 1 7\n"), 0o644)) // no kernel messages between ours
	var jobs []pmuvm.Job
	text, err := os.ReadFile(pmuvm.JobFile)
	if err == nil {
		err = json.Unmarshal(text, &jobs)
	}
	warn(err)
	for _, j := range jobs {
		run(j)
	}
	mark(pmuvm.MarkDone)
	unix.Sync()
	warn(unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF))
}

func mark(words ...any) { fmt.Println(append([]any{pmuvm.Mark}, words...)...) }

func warn(err error) {
	if err != nil {
		mark(pmuvm.MarkWarn, err)
	}
}

func run(j pmuvm.Job) {
	for path, value := range j.Sysctl {
		warn(os.WriteFile("/proc/sys/"+path, []byte(value), 0o644))
	}
	mark(pmuvm.MarkStart, j.Name)
	c := exec.Command(j.Argv[0], j.Argv[1:]...)
	c.Stdout, c.Stderr, c.Dir = os.Stdout, os.Stderr, "/tmp"
	if j.UID != 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: j.UID, Gid: j.UID}}
	}
	begin := time.Now()
	err := c.Run()
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		warn(err)
		code = commandNotFound
	}
	mark(pmuvm.MarkExit, j.Name, code, fmt.Sprintf("%.3f", time.Since(begin).Seconds()))
}
