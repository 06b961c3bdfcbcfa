// Package scenario makes scenario directories: the PMUs of a microarchitecture as sysfs shows them, its cpuinfo, and
// what its events are to count.
//
// It reads the reference tables that the product's own tables are generated from, not the product's: a scenario is an
// independent witness of codes and weights.
package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Uarch is a microarchitecture of the reference tables.
type Uarch struct {
	Key     string `json:"-"`
	Vendor  string `json:"-"` // intel, amd or arm
	Name    string `json:"name"`
	CPUID   string `json:"oracle_cpuid"` // vendor-family-model-stepping: family decimal, the others hexadecimal; of Arm the MIDR
	Part    string `json:"midr_part"`
	SVEBits int    `json:"sve_vector_bits"`
	PMUs    []PMU  `json:"pmus"`
	Events  []Event
}

// PMU is a unit that counts; its name may end in <n>.
type PMU struct {
	Name   string            `json:"pmu"`
	Format map[string]string `json:"format"`
	GP     int               `json:"gp_counters_per_thread"`
	Fixed  int               `json:"fixed"`
}

// Event is a row of a reference table.
type Event struct {
	Role          string `json:"role"`
	Name          string `json:"name"`
	PMU           string `json:"pmu"`
	Event         string `json:"event"`
	Umask         string `json:"umask"`
	Config        string `json:"config"`
	Config1       string `json:"config1"`
	FLOPsPerCount any    `json:"flops_per_count"` // a number, or "VL/128"
	BytesPerCount any    `json:"bytes_per_count"`
	SysfsEvent    string `json:"sysfs_event"`
	Scale         string `json:"scale"`
	Unit          string `json:"unit"`
	Suspect       any    `json:"suspect"`
}

// Reference holds the microarchitectures by key.
type Reference map[string]*Uarch

var vendors = map[string]string{"Intel": "intel", "AMD": "amd", "Arm": "arm"}

// ReadReference reads intel.json, amd.json and arm.json.
func ReadReference(dir fs.FS) (Reference, error) {
	ref := Reference{}
	for _, file := range []string{"intel.json", "amd.json", "arm.json"} {
		b, err := fs.ReadFile(dir, file)
		if err != nil {
			return nil, fmt.Errorf("read reference tables: %w", err)
		}
		var doc struct {
			Vendor string            `json:"vendor"`
			Tables map[string]*Uarch `json:"microarchitectures"`
		}
		if err := json.Unmarshal(b, &doc); err != nil {
			return nil, fmt.Errorf("parse %s: %w", file, err)
		}
		vendor, ok := vendors[doc.Vendor]
		if !ok {
			return nil, fmt.Errorf("%s: unknown vendor %q", file, doc.Vendor)
		}
		for key, u := range doc.Tables {
			u.Key, u.Vendor = key, vendor
			ref[key] = u
		}
	}
	return ref, nil
}

// tables is where the reference tables are kept, seen from the root of the module.
const tables = "perf/uarch/_gen"

// FindReference looks for the directory of the reference tables in the working directory and those above it.
func FindReference() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		dir := filepath.Join(at, tables)
		if _, err := os.Stat(filepath.Join(dir, "intel.json")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(at)
		if up == at {
			return "", errors.New("find reference tables: no " + tables + " here or above (name it with --reference)")
		}
		at = up
	}
}

// Names lists the microarchitectures, sorted.
func (r Reference) Names() []string {
	var names []string
	for key := range r {
		names = append(names, key)
	}
	slices.Sort(names)
	return names
}

// FLOPs returns the weight of an event, with vectors of so many bits; ok is false where none can be given.
func (e Event) FLOPs(sveBits int) (weight float64, ok bool) {
	if e.FLOPsPerCount == "VL/128" {
		return float64(sveBits) / 128, sveBits > 0
	}
	weight, ok = e.FLOPsPerCount.(float64)
	return weight, ok
}

// Bytes returns the bytes of a count; ok is false where none can be given.
func (e Event) Bytes() (bytes float64, ok bool) {
	bytes, ok = e.BytesPerCount.(float64)
	return bytes, ok
}

// Code returns the event's config.
func (e Event) Code() (config, config1 uint64) {
	config, _ = strconv.ParseUint(e.Config, 0, 64)
	config1, _ = strconv.ParseUint(e.Config1, 0, 64)
	return config, config1
}
