package model

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Device is a PMU as sysfs shows it.
type Device struct {
	Name string
	Type uint32
	CPUs []int // on which it counts, from cpus or cpumask; nil: any
}

// readPMUs reads the PMU directories of a scenario.
func readPMUs(dir fs.FS) ([]Device, error) {
	found, err := fs.Glob(dir, "sysfs/bus/event_source/devices/*")
	if err != nil {
		return nil, err
	}
	var list []Device
	for _, d := range found {
		text, err := fs.ReadFile(dir, d+"/type")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s/type: %w", d, err)
		}
		p := Device{Name: path.Base(d), Type: uint32(n)}
		for _, f := range []string{"/cpumask", "/cpus"} {
			text, err := fs.ReadFile(dir, d+f)
			if err != nil {
				continue
			}
			if p.CPUs, err = ParseCPUs(string(text)); err != nil {
				return nil, fmt.Errorf("%s%s: %w", d, f, err)
			}
		}
		list = append(list, p)
	}
	return list, nil
}

// ParseCPUs reads a list such as 0-3,8; an empty text is an empty, non-nil list.
func ParseCPUs(text string) ([]int, error) {
	cpus := []int{}
	for part := range strings.SplitSeq(strings.TrimSpace(text), ",") {
		if part == "" {
			continue
		}
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		lo, err := strconv.ParseUint(from, 10, 16)
		if err != nil {
			return nil, err
		}
		hi, err := strconv.ParseUint(to, 10, 16)
		if err != nil {
			return nil, err
		}
		for c := lo; c <= hi; c++ {
			cpus = append(cpus, int(c))
		}
	}
	return cpus, nil
}
