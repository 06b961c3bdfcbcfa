package uarch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// processor is what /proc/cpuinfo says about one CPU: vendor, family, model and stepping on x86, the MIDR on Arm.
type processor struct {
	cpu                     int
	vendor                  string // ARM for any CPU with a MIDR
	family, model, stepping int    // Arm: implementer, part, revision; -1: not stated
	name                    string // "model name"
	flags                   []string
}

// parseCPUInfo reads /proc/cpuinfo of x86 or arm64. Fields that it cannot read are -1 or empty.
func parseCPUInfo(text string) (all []processor) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if key == "processor" {
			all = append(all, processor{cpu: number(value), family: -1, model: -1, stepping: -1})
			continue
		}
		if len(all) == 0 {
			continue
		}
		p := &all[len(all)-1]
		switch key {
		case "vendor_id":
			p.vendor = value
		case "cpu family", "CPU implementer":
			p.family = number(value)
			if key == "CPU implementer" {
				p.vendor = "ARM"
			}
		case "model", "CPU part":
			p.model = number(value)
		case "stepping", "CPU revision":
			p.stepping = number(value)
		case "model name":
			p.name = value
		case "flags", "Features":
			p.flags = slices.Sorted(slices.Values(strings.Fields(value)))
		}
	}
	return all
}

// number is -1 for what is no number of up to 31 bits.
func number(text string) int {
	n, err := strconv.ParseUint(text, 0, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

// midr fills in the fields from an Arm Main ID Register.
func (p *processor) midr(v uint64) {
	p.vendor, p.family, p.model, p.stepping = "ARM", int(v>>24&0xff), int(v>>4&0xfff), int(v&0xf)
}

// String names the CPU as its vendor's manuals do.
func (p processor) String() string {
	if p.vendor == "ARM" {
		return fmt.Sprintf("Arm implementer %#x part %#x", p.family, p.model)
	}
	return fmt.Sprintf("%s family %#x model %#x stepping %d", p.vendor, p.family, p.model, p.stepping)
}

// same says whether two CPUs have the same cores, as far as cpuinfo tells.
func (p processor) same(q processor) bool {
	return p.vendor == q.vendor && p.family == q.family && p.model == q.model
}
