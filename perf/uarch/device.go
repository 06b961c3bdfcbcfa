package uarch

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/cpu"
)

// devices is where the kernel lists its PMUs, below the root of the file system.
const devices = "sys/bus/event_source/devices"

// Device is a PMU as the running kernel describes it.
type Device struct {
	Name   string
	Type   uint32 // attr.type; another one after the next boot
	Format Format
	// CPUs on which to open it: one per socket or die for an uncore unit (cpumask), all those of a type of core (cpus).
	// Empty where the kernel does not say: any CPU.
	CPUs []int
	// PMUName is the kernel's name of the events in use, caps/pmu_name; "" where it has none.
	PMUName string
	root    fs.FS
}

// DeviceNames lists the PMUs of the running kernel; root is the root of the file system. It is empty, not an error, where
// there is no such directory.
func DeviceNames(root fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(root, devices)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list PMUs: %w", err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// ReadDevice reads type, format, CPUs and name of a PMU.
func ReadDevice(root fs.FS, name string) (*Device, error) {
	d := &Device{Name: name, Format: Format{}, root: root}
	text, err := d.read("type")
	if err != nil {
		return nil, fmt.Errorf("read PMU %s: %w", name, err)
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read PMU %s: type %q is no number", name, text)
	}
	d.Type = uint32(n)
	if d.PMUName, err = d.read("caps/pmu_name"); err != nil {
		d.PMUName = ""
	}
	for _, file := range []string{"cpumask", "cpus"} {
		if list, err := d.read(file); err == nil {
			if d.CPUs, err = cpu.ParseList(list); err != nil {
				return nil, fmt.Errorf("read PMU %s: %s: %w", name, file, err)
			}
			break
		}
	}
	fields, err := fs.ReadDir(root, path.Join(devices, name, "format"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read PMU %s: %w", name, err)
	}
	for _, f := range fields {
		text, err := d.read("format/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("read PMU %s: %w", name, err)
		}
		bits, err := ParseBits(text)
		if err != nil {
			continue // a word newer than this program (config3): an event that needs the field says that there is none
		}
		d.Format[f.Name()] = bits
	}
	return d, nil
}

func (d *Device) read(file string) (string, error) {
	text, err := fs.ReadFile(d.root, path.Join(devices, d.Name, file))
	return strings.TrimSpace(string(text)), err
}

// Instances reads every PMU of a name in a table, where <n> stands for any number, in the order of the numbers. Arm's core
// PMUs are called armv8_pmuv3_0 or after the core (armv8_neoverse_n1), depending on the firmware: they match all the same.
// It is empty where the kernel has none.
func Instances(root fs.FS, name string) ([]*Device, error) {
	names, err := DeviceNames(root)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !isInstance(n, name) })
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	var found []*Device
	for _, n := range names {
		d, err := ReadDevice(root, n)
		if err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	return found, nil
}

func isInstance(name, pattern string) bool {
	prefix, open := strings.CutSuffix(pattern, "<n>")
	switch {
	case !open:
		return name == pattern
	case strings.HasPrefix(pattern, "armv8_"):
		return strings.HasPrefix(name, "armv8_") || strings.HasPrefix(name, "armv9_")
	}
	number, ok := strings.CutPrefix(name, prefix)
	_, err := strconv.ParseUint(number, 10, 16)
	return ok && err == nil
}

// CoreDevices reads the PMUs that count a core's own events: cpu, or one per type of core.
func CoreDevices(root fs.FS) ([]*Device, error) {
	names, err := DeviceNames(root)
	if err != nil {
		return nil, err
	}
	var found []*Device
	for _, n := range names {
		_, err := fs.Stat(root, path.Join(devices, n, "cpus"))
		if !IsCorePMU(n) && err != nil {
			continue
		}
		d, err := ReadDevice(root, n)
		if err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	return found, nil
}
