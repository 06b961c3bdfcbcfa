package doctor

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/roofline-go/roofline/perf/known"
	"github.com/roofline-go/roofline/perf/uarch"
	"github.com/roofline-go/roofline/roofline"
)

// conditions are what a verdict holds for beside the machine's fingerprint: where one of them changes, counters may count
// otherwise.
type conditions struct {
	Known  int    `json:"known_work"` // version of the kernels of known work
	Kernel string `json:"kernel"`     // release of the operating system's kernel
	Tables string `json:"tables"`     // microarchitecture and hash of its event tables
	Access string `json:"access"`     // what this process may count
}

func currentConditions(root fs.FS, release string, uid int, uarch string) conditions {
	return conditions{known.Version, release, tables(root, uarch), access(root, uid)}
}

// tables names the event tables that stand for this CPU, or for the one that the user names, and hashes their content and the PMUs that the kernel shows.
func tables(root fs.FS, override string) string {
	id, err := uarch.Identify(root, override)
	if err != nil {
		return "unknown"
	}
	sum := sha256.New()
	var names []string
	for _, t := range id.Tables() {
		names = append(names, t.Uarch)
		fmt.Fprintf(sum, "%+v\n", *t)
	}
	devices, _ := uarch.DeviceNames(root) // none to see is a condition, too
	fmt.Fprintln(sum, devices, place(root, "sys/bus/event_source/devices"))
	return strings.TrimSpace(strings.Join(names, "+") + " " + hex.EncodeToString(sum.Sum(nil)[:6]))
}

// place tells one directory from another that is mounted over it: PMUs that are pretended there are not this machine's. It
// also changes from boot to boot, so that every boot verifies anew.
func place(root fs.FS, dir string) string {
	info, err := fs.Stat(root, dir)
	if err != nil {
		return ""
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%d:%d", st.Dev, st.Ino)
	}
	return ""
}

// Bits of the effective capabilities that open perf events: CAP_SYS_ADMIN and CAP_PERFMON (capability.h).
const (
	capSysAdmin = 21
	capPerfmon  = 38
)

// access sums up what decides on permission: user, capabilities, kernel settings, system-call filter.
func access(root fs.FS, uid int) string {
	status, _ := fs.ReadFile(root, "proc/self/status")
	field := func(name string) string {
		for line := range strings.Lines(string(status)) {
			if value, ok := strings.CutPrefix(line, name+":"); ok {
				return strings.TrimSpace(value)
			}
		}
		return "?"
	}
	caps, _ := strconv.ParseUint(field("CapEff"), 16, 64)
	setting := func(name string) string {
		b, err := fs.ReadFile(root, "proc/sys/kernel/"+name)
		if err != nil {
			return "?"
		}
		return strings.TrimSpace(string(b))
	}
	return fmt.Sprintf("root=%t admin=%d perfmon=%d paranoid=%s watchdog=%s seccomp=%s", uid == 0,
		caps>>capSysAdmin&1, caps>>capPerfmon&1, setting("perf_event_paranoid"), setting("nmi_watchdog"), field("Seccomp"))
}

// here are the conditions of this process.
func here(host roofline.Machine, uarch string) conditions {
	return currentConditions(os.DirFS("/"), host.Environment.OS, os.Geteuid(), uarch)
}
