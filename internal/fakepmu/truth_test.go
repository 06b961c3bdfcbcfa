//go:build linux && amd64

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/fakepmu/scenario"
)

// deed is what one execution of a function of roofline does, as its assembly says: the truth that pretended counters are
// to show. Operations are of one precision and width; a fused multiply-add is two.
type deed struct {
	function       string
	instructions   float64
	cycles         float64
	precision      string // of the operations, in the words of the tables: dp, sp, hp, bf16
	width          string // scalar, 128, 256, 512
	operations     float64
	filled         float64 // lines brought into L1
	fromL3, missed float64 // of these: lines brought into L2, lines that no cache had
	written        float64 // lines written back from L1, and on to memory if they were brought from there
}

const (
	knownPkg  = "github.com/roofline-go/roofline/perf/known.known"
	turns     = 8000 // of a compute loop
	perTurn   = 20   // operations of one kind
	loopEnd   = 2    // instructions that end a turn
	lineBytes = 64
)

// deeds of the kernels that a quick verification runs, on a machine whose caches are cachesOfScenario.
func deeds() []deed {
	all := []deed{
		{function: knownPkg + "Int", instructions: turns * (perTurn + loopEnd)},
		{function: knownPkg + "Chain", instructions: 2000 * (100 + loopEnd), cycles: 2000 * 100},
		// 256 KiB, three times over: 16 bytes are loaded, added to and stored.
		{function: knownPkg + "Update16", instructions: 3 * 1024 * (3*16 + 3), filled: 3 * 256 << 10 / lineBytes, written: 3 * 256 << 10 / lineBytes},
		{function: knownPkg + "Chase", instructions: 1000 * (perTurn + loopEnd), filled: 20000},
		{function: knownPkg + "FlushChase", instructions: 100 * (3*perTurn + loopEnd), filled: 2000, fromL3: 2000, missed: 2000},
		{function: knownPkg + "FlushUpdate16", instructions: 512 * (3*16 + 4 + 4), filled: 2048, fromL3: 2048, missed: 2048, written: 2048},
		{function: knownPkg + "Dot512INT8", instructions: turns * (perTurn + loopEnd)},
		{function: knownPkg + "Dot512BF16", instructions: turns * (perTurn + loopEnd), precision: "bf16", width: "512", operations: turns * perTurn * 64},
		{function: knownPkg + "FMA512F16", instructions: turns * (perTurn + loopEnd), precision: "hp", width: "512", operations: turns * perTurn * 64},
		{function: knownPkg + "AMXBF16", instructions: 6000 * (perTurn + loopEnd)},
		{function: knownPkg + "AMXINT8", instructions: 6000 * (perTurn + loopEnd)},
		// The walks by which the product finds out whether an event counts at all, and its own little workload.
		{function: "github.com/roofline-go/roofline/perf/event.walk", instructions: 50000, cycles: 50000, filled: 1000, fromL3: 1000, missed: 1000, written: 1000},
		{function: "github.com/roofline-go/roofline/perf/event.calculate", instructions: 9000, precision: "dp", width: "scalar", operations: 2000},
		{function: "github.com/roofline-go/roofline/perf/event.calculate", precision: "sp", width: "scalar", operations: 2000},
		{
			function: "github.com/roofline-go/roofline/roofline/doctor.(*knownWork).Part", instructions: 3 << 20, cycles: 4 << 20,
			precision: "dp", width: "scalar", operations: 1 << 20, filled: 1 << 17, fromL3: 1 << 17, missed: 1 << 17, written: 1 << 10,
		},
	}
	for register, width := range map[string]string{"Scalar": "scalar", "128": "128", "256": "256", "512": "512"} {
		for elem, precision := range map[string]string{"F64": "dp", "F32": "sp"} {
			all = append(all, deed{
				function: knownPkg + "FMA" + register + elem, instructions: turns * (perTurn + loopEnd),
				precision: precision, width: width, operations: 2 * turns * perTurn * lanes(width, precision),
			})
		}
	}
	return slices.DeleteFunc(all, func(d deed) bool { return !executed(d) })
}

// executed tells whether a quick verification here executes a function: of the fused multiply-adds only the scalar one and the
// widest, and none that the real processor lacks. A probe that never counts costs the kernel as much as another.
func executed(d deed) bool {
	name, ours := strings.CutPrefix(d.function, knownPkg)
	needs := map[string]cpu.ISA{
		"Dot512INT8": cpu.AVX512VNNI, "Dot512BF16": cpu.AVX512BF16, "FMA512F16": cpu.AVX512FP16, "AMXBF16": cpu.AMXBF16, "AMXINT8": cpu.AMXINT8,
	}
	isa, extended := needs[name]
	switch {
	case extended:
		return cpu.Usable(isa) == nil
	case !ours || !strings.HasPrefix(name, "FMA") || d.width == "scalar":
		return true
	case cpu.Usable(cpu.AVX512) == nil:
		return d.width == "512"
	case cpu.Usable(cpu.AVX2) == nil:
		return d.width == "256"
	}
	return d.width == "128"
}

func lanes(width, precision string) float64 {
	bits := map[string]float64{"dp": 64, "sp": 32}[precision]
	return map[string]float64{"scalar": 1, "128": 128 / bits, "256": 256 / bits, "512": 512 / bits}[width]
}

// cachesOfScenario cover what sysfs says of the caches, so that the kernels have one home, L2, and memory, on any machine.
func cachesOfScenario(cpus int) map[string]string {
	files := map[string]string{}
	for cpu := range cpus {
		for index, size := range map[int]string{0: "32K", 2: "1024K", 3: "2048K"} {
			files[fmt.Sprintf("/sys/devices/system/cpu/cpu%d/cache/index%d/size", cpu, index)] = size + "\n"
		}
	}
	return files
}

// counts is what an event of a role counts of a deed, in counts of its weight.
func (d deed) counts(u *scenario.Uarch, e scenario.Event) float64 {
	weight, ok := e.FLOPs(u.SVEBits)
	if !ok {
		weight = 1
	}
	role := e.Role
	last := role[strings.LastIndex(role, ".")+1:]
	kind := map[string]string{"scalar_double": "dp", "packed_double": "dp", "scalar_single": "sp", "packed_single": "sp"}
	switch {
	case role == "inst.retired":
		return d.instructions
	case role == "cycles.core":
		return d.cycles
	case role == "flops."+d.precision+"."+d.width, role == "flops."+d.precision:
		return d.operations / weight
	case role == "flops.all" && (d.precision == "dp" || d.precision == "sp"), role == "flops.fixed":
		return d.operations / weight
	case strings.HasPrefix(role, "flops.") && kind[last] != "" && kind[last] == d.precision && strings.HasPrefix(last, "scalar") == (d.width == "scalar"):
		return d.operations / weight
	case role == "l1d.fill", role == "l1d.load_miss", role == "l1d.mab.loads", role == "l1d.fill.demand":
		return d.filled
	case role == "l1d.wb":
		return d.written
	case role == "l2.fill", role == "l2.miss", role == "l2.miss.demand":
		return d.fromL3
	case role == "l2.evict.nonsilent", role == "l2.wb":
		return min(d.written, d.missed)
	case role == "llc.miss", role == "llc.load_miss", role == "llc.miss.rd", role == "l3.miss":
		return d.missed
	}
	return d.lines(role) / channels(u, e)
}

// lines is what the memory controllers count.
func (d deed) lines(role string) float64 {
	out := min(d.written, d.missed)
	switch {
	case strings.HasPrefix(role, "dram.rd"):
		return d.missed
	case strings.HasPrefix(role, "dram.wr"):
		return out
	case strings.HasPrefix(role, "dram.all"):
		return d.missed + out
	}
	return 0
}

// channels is the number of roles over which one PMU's traffic is spread: dram.rd.sch0 and sch1.
func channels(u *scenario.Uarch, e scenario.Event) float64 {
	parts := strings.Split(e.Role, ".")
	if len(parts) < 3 || parts[0] != "dram" {
		return 1
	}
	n := 0.0
	for _, other := range u.Events {
		if other.PMU == e.PMU && strings.HasPrefix(other.Role, parts[0]+"."+parts[1]+".") {
			n++
		}
	}
	return n
}

// truth are the scenario's counts per execution of every function, for every role of the microarchitecture.
func truth(u *scenario.Uarch) map[string]map[string]float64 {
	all := map[string]map[string]float64{}
	wide := slices.ContainsFunc(u.Events, func(e scenario.Event) bool { return strings.HasSuffix(e.Role, "p.512") })
	for _, e := range u.Events {
		for _, d := range deeds() {
			if d.width == "512" && !wide { // what the real processor under the scenario does at once, the pretended one does in two
				d.width = "256"
			}
			if n := d.counts(u, e); n > 0 {
				key := e.PMU + ":" + e.Role
				if all[key] == nil {
					all[key] = map[string]float64{}
				}
				all[key][d.function] = n
			}
		}
	}
	return all
}
