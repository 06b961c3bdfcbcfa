package event

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/cpu"
)

// Available says whether this process can count with the CPU's PMU and, if not, the true cause and what to do about it.
// It counts a little known work to find out; the answer is kept.
func Available() (ok bool, reason, cure string) {
	a := available()
	return a.ok, a.reason, a.cure
}

type availability struct {
	ok           bool
	reason, cure string
}

var available = sync.OnceValue(func() (a availability) {
	a.ok, a.reason, a.cure = probe{root: os.DirFS("/"), vm: cpu.Hypervisor(), try: tryEvent}.diagnose()
	return a
})

// probe finds out why the PMU can or cannot be used.
type probe struct {
	root fs.FS                                // "/": sysfs and procfs
	vm   string                               // hypervisor; "" on bare metal
	try  func(generic) (r Reading, err error) // counts a little known work
}

// tryEvent counts some ten thousand instructions' worth of work on a locked and pinned thread.
func tryEvent(e generic) (Reading, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home := onCPU()
	defer stay(home)()
	e.attr.Config |= extendedType(os.DirFS("/"), home)
	var r Reading
	g := NewGroup()
	defer g.Close()
	if _, err := addUser(g, e.attr); err != nil {
		return r, err
	}
	if err := g.Enable(); err != nil {
		return r, err
	}
	runtime.KeepAlive(walk(make([]byte, 1<<20)))
	if err := g.Disable(); err != nil {
		return r, err
	}
	return r, g.Read(&r)
}

func (p probe) diagnose() (ok bool, reason, cure string) {
	pmus, sysErr := cpuPMUs(p.root)
	if sysErr == nil && len(pmus) == 0 {
		reason, cure = p.noPMU()
		return false, reason, cure
	}
	var failure error
	silent := Reading{}
	for _, e := range generics {
		if !e.always {
			continue
		}
		r, err := p.try(e)
		if err == nil && r.Running > 0 && r.Values[0] > 0 {
			return true, "", ""
		}
		if err == nil {
			silent = r
		} else if failure == nil {
			failure = err
		}
	}
	if failure == nil || silent.Enabled > 0 {
		reason, cure = p.silent(silent)
	} else {
		reason, cure = p.refused(failure, pmus)
	}
	return false, reason, cure
}

// noPMU explains that the kernel found no PMU.
func (p probe) noPMU() (reason, cure string) {
	if p.vm != "" {
		return "this virtual machine exposes no PMU", p.cloudCure()
	}
	return "the kernel offers no PMU for this CPU", "see `dmesg | grep -i pmu`: the driver may be missing or switched off"
}

// silent explains a PMU that can be opened but counts nothing.
func (p probe) silent(r Reading) (reason, cure string) {
	if r.Running == 0 {
		return "the counters never ran: something else holds them", "stop other profilers; switch off the NMI watchdog: sudo sysctl kernel.nmi_watchdog=0"
	}
	reason = "the PMU opens but counts nothing, not even for known work"
	if p.vm != "" {
		return reason, "the hypervisor does not pass the counters through: " + p.cloudCure()
	}
	return reason, "update the kernel, and check that the firmware does not lock the counters"
}

// refused explains the errno of perf_event_open. A setting is named only if it is the cause.
func (p probe) refused(err error, pmus []string) (reason, cure string) {
	paranoid, hasParanoid := p.paranoid()
	switch {
	case isAny(err, unix.ENOSYS) && !hasParanoid:
		return "this kernel was built without perf events", "use a kernel with CONFIG_PERF_EVENTS"
	case isAny(err, unix.ENOSYS), isAny(err, unix.EPERM) && p.seccomp():
		return seccompReason, seccompCure
	case isAny(err, unix.EACCES, unix.EPERM) && paranoid > 2:
		return fmt.Sprintf("kernel.perf_event_paranoid is %d, which keeps unprivileged users from all perf events", paranoid),
			"sudo sysctl kernel.perf_event_paranoid=1, or give the program CAP_PERFMON"
	case isAny(err, unix.EACCES, unix.EPERM) && p.seccomp(): // filters of containers mostly answer EPERM or ENOSYS
		return "a security module (SELinux, for one) or the container's system-call filter refuses perf events: " + err.Error(),
			"see `dmesg` or the audit log, and have the policy allow perf_event; start a container with --cap-add PERFMON"
	case isAny(err, unix.EACCES, unix.EPERM):
		return "a security module (SELinux, for one) refuses perf events: " + err.Error(), "see `dmesg` or the audit log, and have the policy allow perf_event"
	case isAny(err, unix.ENOENT, unix.EOPNOTSUPP, unix.ENODEV) && len(pmus) == 0:
		return p.noPMU()
	case isAny(err, unix.ENOENT, unix.EOPNOTSUPP, unix.ENODEV):
		return fmt.Sprintf("the PMU %s offers neither instructions nor cycles", strings.Join(pmus, ", ")), "update the kernel, or the hypervisor's CPU model"
	case isAny(err, unix.EMFILE, unix.ENFILE):
		return "too many open files", "raise the limit: ulimit -n 4096"
	case isAny(err, unix.EBUSY):
		return "another program holds the whole PMU", "stop other profilers"
	}
	return "perf_event_open failed: " + err.Error(), ""
}

const (
	seccompReason = "the container's system-call filter (seccomp) refuses perf_event_open"
	seccompCure   = "start the container with --cap-add PERFMON, or with --security-opt seccomp=PROFILE that allows perf_event_open"
)

func isAny(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

// paranoid reads kernel.perf_event_paranoid; the file exists exactly where the kernel has perf events.
func (p probe) paranoid() (level int, ok bool) {
	b, err := fs.ReadFile(p.root, "proc/sys/kernel/perf_event_paranoid")
	if err != nil {
		return 0, false
	}
	level, err = strconv.Atoi(strings.TrimSpace(string(b)))
	return level, err == nil
}

// seccomp says whether a system-call filter is active for this process.
func (p probe) seccomp() bool {
	b, err := fs.ReadFile(p.root, "proc/self/status")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(b)) {
		if mode, ok := strings.CutPrefix(line, "Seccomp:"); ok {
			return strings.TrimSpace(mode) == "2"
		}
	}
	return false
}
