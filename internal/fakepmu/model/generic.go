package model

import (
	"fmt"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// generics maps the ids of PERF_TYPE_HARDWARE to raw codes, as the drivers of Linux 6.1 and later do.
var generics = map[string]map[uint64]uint64{
	"intel": {0: 0x3c, 1: 0xc0, 2: 0x4f2e, 3: 0x412e, 4: 0xc4, 5: 0xc5, 6: 0x13c, 9: 0x300},
	"amd":   {0: 0x76, 1: 0xc0, 2: 0xff60, 3: 0x964, 4: 0xc2, 5: 0xc3, 9: 0x100000120},
	"arm":   {0: 0x11, 1: 0x08, 2: 0x04, 3: 0x03, 4: 0x21, 5: 0x10, 6: 0x1d, 7: 0x23, 8: 0x24},
}

var errnos = map[string]syscall.Errno{
	"EPERM": unix.EPERM, "ENOENT": unix.ENOENT, "ESRCH": unix.ESRCH, "E2BIG": unix.E2BIG, "EBADF": unix.EBADF, "ENOMEM": unix.ENOMEM,
	"EACCES": unix.EACCES, "EBUSY": unix.EBUSY, "ENODEV": unix.ENODEV, "EINVAL": unix.EINVAL, "EMFILE": unix.EMFILE, "ENOSPC": unix.ENOSPC,
	"ENOSYS": unix.ENOSYS, "EOVERFLOW": unix.EOVERFLOW, "EOPNOTSUPP": unix.EOPNOTSUPP,
}

// resolve finds the PMU and the raw config of an attr. Where the PMU is "" and the errno 0, the running kernel counts it.
func (k *Kernel) resolve(a Attr, leads bool) (pmu string, config uint64, errno syscall.Errno) {
	switch {
	case a.Software() && leads:
		return "", a.Config, 0
	case a.Software():
		return softwarePMU, a.Config, 0
	case a.Type == unix.PERF_TYPE_HARDWARE || a.Type == unix.PERF_TYPE_HW_CACHE:
		pmu = k.mainPMU()
		if t := uint32(a.Config >> 32); t != 0 { // of a hybrid processor: the PMU's type is in the upper half
			pmu = k.types[t]
		}
		id := a.Config & 0xffffffff
		config, ok := generics[k.scenario.Vendor][id]
		ok = ok && a.Type == unix.PERF_TYPE_HARDWARE
		if text, given := k.scenario.Generic[fmt.Sprintf("%d:%#x", a.Type, id)]; given {
			config, ok = number(text), true
		}
		if !ok || pmu == "" {
			return "", 0, unix.ENOENT
		}
		return pmu, config, 0
	}
	pmu, ok := k.types[a.Type]
	if !ok && a.Type == unix.PERF_TYPE_RAW {
		pmu, ok = k.mainPMU(), true
	}
	if !ok {
		return "", 0, unix.ENOENT
	}
	return pmu, a.Config, 0
}

// mainPMU is the PMU of PERF_TYPE_RAW.
func (k *Kernel) mainPMU() string {
	if name, ok := k.types[unix.PERF_TYPE_RAW]; ok {
		return name
	}
	for _, name := range k.types {
		if strings.HasPrefix(name, "armv8") {
			return name
		}
	}
	return "cpu"
}
