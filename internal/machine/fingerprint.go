package machine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/roofline"
)

// fingerprint hashes what makes measured ceilings comparable. It leaves out whatever changes from run to run on one
// machine: measured clocks and caches, load, steal time, kernel and toolchain versions, and which ones of equal CPUs may be used.
func fingerprint(m roofline.Machine) string {
	caches := slices.DeleteFunc(slices.Clone(m.Caches), func(l cache.Level) bool { return l.Source == cache.Measured })
	for i := range caches { // how many share a cache matters, their numbers don't, nor who says so
		caches[i].Shared, caches[i].Source = strconv.Itoa(caches[i].Sharers()), ""
	}
	identity := struct {
		Vendor, Name            string
		Family, Model, Stepping int
		Arch, VM, THP           string
		ISAs                    []cpu.ISA
		Caches                  []cache.Level
		CPUs, NUMANodes         int
		Quota                   float64
		SMT                     bool
	}{
		m.CPU.Vendor, m.CPU.Name, m.CPU.Family, m.CPU.Model, m.CPU.Stepping, m.CPU.Arch, m.CPU.VM, m.Environment.THP,
		slices.Sorted(slices.Values(m.CPU.ISAs)), caches,
		len(m.CPU.CPUs), m.Environment.NUMANodes, m.Environment.CPUQuota, m.Environment.SMT,
	}
	b, err := json.Marshal(identity)
	if err != nil { // strings and finite numbers only: cannot happen
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}
