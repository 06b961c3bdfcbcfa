package event

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"
)

func TestDiagnose(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	root := func(pmu, paranoid, seccomp string) fstest.MapFS {
		f := fstest.MapFS{pmuDir + "/software/type": file("1\n"), "proc/self/status": file("Name:\troofline\nSeccomp:\t" + seccomp + "\nSeccomp_filters:\t1\n")}
		if pmu != "" {
			f[pmuDir+"/"+pmu+"/type"] = file("4\n")
		}
		if paranoid != "" {
			f["proc/sys/kernel/perf_event_paranoid"] = file(paranoid + "\n")
		}
		return f
	}
	fails := func(errs ...error) func(generic) (Reading, error) {
		i := 0
		return func(e generic) (Reading, error) {
			err := errs[min(i, len(errs)-1)]
			i++
			if err != nil {
				return Reading{}, fmt.Errorf("open %s: %w", e.name, err)
			}
			return Reading{Enabled: 10, Running: 10, Values: []uint64{1000}}, nil
		}
	}
	reads := func(r Reading) func(generic) (Reading, error) {
		return func(generic) (Reading, error) { return r, nil }
	}
	mustNot := func(generic) (Reading, error) {
		t.Error("an event was opened although there is no PMU")
		return Reading{}, nil
	}

	tests := []struct {
		name   string
		root   fstest.MapFS
		vm     string
		try    func(generic) (Reading, error)
		ok     bool
		reason string // contained in the reason
		cure   string // contained in the cure
	}{
		{"works", root("cpu", "2", "0"), "", fails(nil), true, "", ""},
		{"no instructions, but cycles", root("armv8_pmuv3_0", "2", "0"), "kvm", fails(unix.ENOENT, nil), true, "", ""},
		{"VM without PMU", root("", "2", "0"), "kvm", mustNot, false, "virtual machine exposes no PMU", "pmu=on"},
		{"VM without PMU, and paranoid", root("", "4", "2"), "kvm", mustNot, false, "virtual machine exposes no PMU", "bare metal"},
		{"bare metal without PMU driver", root("", "2", "0"), "", mustNot, false, "no PMU for this CPU", "dmesg"},
		{"sysfs hidden, no PMU", fstest.MapFS{}, "kvm", fails(unix.ENOENT), false, "virtual machine exposes no PMU", ""},
		{"neither event", root("cpu", "2", "0"), "", fails(unix.EOPNOTSUPP), false, "PMU cpu offers neither", ""},
		{"paranoid 3", root("cpu", "3", "0"), "", fails(unix.EACCES), false, "perf_event_paranoid is 3", "perf_event_paranoid=1"},
		{"paranoid 2 is not the cause", root("cpu", "2", "0"), "", fails(unix.EACCES), false, "security module", ""},
		{"seccomp, EPERM", root("cpu", "3", "2"), "", fails(unix.EPERM), false, "seccomp", "PERFMON"},
		{"seccomp, EACCES", root("cpu", "1", "2"), "", fails(unix.EACCES), false, "security module", "PERFMON"},
		{"seccomp, ENOSYS", root("cpu", "2", "2"), "", fails(unix.ENOSYS), false, "seccomp", "PERFMON"},
		{"kernel without perf", fstest.MapFS{}, "", fails(unix.ENOSYS), false, "without perf events", "CONFIG_PERF_EVENTS"},
		{"open files", root("cpu", "2", "0"), "", fails(unix.EMFILE), false, "open files", "ulimit"},
		{"held", root("cpu", "2", "0"), "", fails(unix.EBUSY), false, "another program", "profilers"},
		{"anything else", root("cpu", "2", "0"), "", fails(unix.E2BIG), false, "argument list too long", ""},
		{"never runs", root("cpu", "2", "0"), "", reads(Reading{Enabled: 10, Values: []uint64{0}}), false, "never ran", "nmi_watchdog"},
		{"counts nothing in a VM", root("cpu", "2", "0"), "kvm", reads(Reading{Enabled: 10, Running: 10, Values: []uint64{0}}), false, "counts nothing", "hypervisor"},
		{"counts nothing", root("cpu", "2", "0"), "", reads(Reading{Enabled: 10, Running: 10, Values: []uint64{0}}), false, "counts nothing", "firmware"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ok, reason, cure := probe{root: tt.root, vm: tt.vm, try: tt.try}.diagnose()
			if ok != tt.ok || !strings.Contains(reason, tt.reason) || !strings.Contains(cure, tt.cure) {
				t.Errorf("got %t, %q, %q; want %t, %q, %q", ok, reason, cure, tt.ok, tt.reason, tt.cure)
			}
			if ok != (reason == "") {
				t.Errorf("ok = %t with reason %q", ok, reason)
			}
			if strings.Contains(reason+cure, "paranoid") && !strings.Contains(tt.reason, "paranoid") {
				t.Errorf("paranoid is named but is not the cause: %q, %q", reason, cure)
			}
		})
	}
}

// What Available says must agree with what the kernel does.
func TestAvailableAgreesWithTheKernel(t *testing.T) {
	ok, reason, _ := Available()
	_, errI := tryEvent(generics[0])
	_, errC := tryEvent(generics[1])
	if !ok && errI == nil && errC == nil && !strings.Contains(reason, "never ran") && !strings.Contains(reason, "nothing") {
		t.Errorf("not available (%s), but instructions and cycles can be opened", reason)
	}
	if ok && errI != nil && errC != nil {
		t.Errorf("available, but: %v, %v", errI, errC)
	}
}
