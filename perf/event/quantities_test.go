package event

import (
	"math"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
)

// countOnce counts one enabled period of every event, through the whole of it: plan, open, start, stop, tally.
func (l *lab) countOnce(t *testing.T, o Options, want ...perf.Quantity) (map[perf.Quantity]perf.Count, *Plan) {
	t.Helper()
	o.Uarch = l.table.Uarch
	plan, err := l.planner().plan(want, o)
	check(t, err)
	tally := plan.NewTally()
	for pass := range plan.Passes {
		l.countPass(t, plan, tally, pass)
	}
	counts := tally.Counts(1)
	l.closed(t)
	return counts, plan
}

func (l *lab) countPass(t *testing.T, plan *Plan, tally *Tally, pass int) {
	t.Helper()
	for _, target := range []Target{ThisThread(), System()} {
		c, err := plan.Open(pass, target)
		check(t, err)
		var s Snapshot
		check(t, c.Start())
		check(t, c.Stop(&s))
		tally.Add(pass, c, s)
		check(t, c.Close())
	}
}

// Where an interruption has left some passes with fewer runs than others, each quantity is that of one run of its pass.
func TestPassesOfUnequalRuns(t *testing.T) {
	l := newLab(t, "skylakex")
	for i, role := range []string{"inst.retired", "cycles.core", "l1d.fill", "mem.stores", "l2.fill", "l2.evict.nonsilent", "l2.miss", "llc.miss", "dram.rd", "dram.wr"} {
		l.counts[role] = float64(1000 + i)
	}
	l.counts["mem.stores"] = 1
	once, plan := l.countOnce(t, Options{}, perf.Known...)
	if len(plan.Passes) < 2 {
		t.Fatalf("%d passes", len(plan.Passes))
	}
	tally, runs := plan.NewTally(), make([]int, len(plan.Passes))
	for pass := range plan.Passes {
		for range len(plan.Passes) - pass {
			l.countPass(t, plan, tally, pass)
			runs[pass]++
		}
	}
	counted := 0
	for q, c := range tally.PerRun(runs) {
		if want := once[q]; math.Abs(c.Value-want.Value) > 1e-9*want.Value || c.Quality != want.Quality {
			t.Errorf("%s: %+v, want %+v", q, c, want)
		} else if c.Value > 0 {
			counted++
		}
	}
	if counted < 6 {
		t.Errorf("only %d quantities were counted", counted)
	}
}

// Worked out by hand from the vendors' definitions: counts of events by role, and what they mean.
func TestQuantitiesByMicroarchitecture(t *testing.T) {
	intelFLOPs := map[string]float64{
		"inst.retired": 100, "cycles.core": 50,
		"flops.dp.scalar": 1, "flops.dp.128": 10, "flops.dp.256": 100, "flops.dp.512": 1000,
		"flops.sp.scalar": 2, "flops.sp.128": 20, "flops.sp.256": 200, "flops.sp.512": 2000,
	}
	f64 := func(w perf.Width) perf.Quantity { return perf.FLOPsOf("f64", w) }
	f32 := func(w perf.Width) perf.Quantity { return perf.FLOPsOf("f32", w) }
	const channels = 4 // two instances on two sockets
	tests := []struct {
		uarch   string
		counts  []map[string]float64
		want    map[perf.Quantity]float64
		missing map[perf.Quantity]string // contained in the reason
	}{
		{"skylakex", []map[string]float64{intelFLOPs, {
			"l1d.fill": 1000, "mem.stores": 10, "mem.loads": 500, "l2.fill": 300, "l2.evict.nonsilent": 200, "l2.wb": 7,
			"l2.miss": 310, "llc.miss": 40, "dram.rd": 11, "dram.wr": 5, "energy.pkg": 1 << 32,
		}}, map[perf.Quantity]float64{
			perf.Instructions: 100, perf.Cycles: 50,
			f64(perf.Scalar): 1, f64(perf.Bits128): 20, f64(perf.Bits256): 400, f64(perf.Bits512): 8000, f64(""): 8421,
			f32(perf.Scalar): 2, f32(perf.Bits128): 80, f32(perf.Bits256): 1600, f32(perf.Bits512): 32000, f32(""): 33682,
			perf.FLOPs:   42103,
			perf.BytesL2: 64000, perf.BytesL2Fill: 64000, perf.BytesL3: 64 * 500, perf.BytesL3Fill: 64 * 300,
			perf.BytesDRAM: 64 * channels * 16, perf.BytesDRAMRead: 64 * channels * 11, perf.BytesDRAMWrite: 64 * channels * 5,
			perf.MissesL1: 1000, perf.MissesL2: 310, perf.MissesL3: 40, perf.Loads: 500, perf.Stores: 10,
			perf.EnergyPackage: 2, // one joule on each of two sockets
		}, map[perf.Quantity]string{perf.BytesL1: "widths"}},
		{"skylake", []map[string]float64{intelFLOPs, {"l2.fill": 300, "l2.evict.nonsilent": 200, "l2.wb": 7, "dram.rd": 3, "dram.wr": 4}},
			map[perf.Quantity]float64{perf.FLOPs: 421 + 1682, perf.BytesL3: 64 * 307, perf.BytesDRAM: 2 * 64 * 7}, nil},
		{"haswell", []map[string]float64{{"inst.retired": 9, "cycles.core": 9, "l1d.fill": 30, "l1d.wb": 12}},
			map[perf.Quantity]float64{perf.BytesL2: 64 * 42}, map[perf.Quantity]string{perf.FLOPs: "no FP operation counter"}},
		{"sapphirerapids", []map[string]float64{intelFLOPs, {
			"flops.hp.scalar": 3, "flops.hp.512": 10, "l1d.fill": 100, "mem.stores": 90,
			"td.slots": 600, "td.metric.retiring": 300, "td.metric.be_bound": 150, "amx.busy": 8,
		}}, map[perf.Quantity]float64{
			perf.FLOPs: 42103 + 3 + 320, perf.FLOPsOf("f16", perf.Bits512): 320, perf.FLOPsOf("f16", perf.Bits128): 0,
			perf.SlotsRetiring: 300, perf.SlotsBackend: 150, perf.SlotsBadSpec: 0, perf.BytesL2Fill: 6400, perf.AMXBusy: 8,
		}, map[perf.Quantity]string{perf.BytesL2: "up to 90 %"}},
		{"graniterapids", []map[string]float64{intelFLOPs, {"dram.rd.sch0": 1, "dram.rd.sch1": 2, "dram.wr.sch0": 4, "dram.wr.sch1": 8}},
			map[perf.Quantity]float64{perf.BytesDRAM: 64 * channels * 15, perf.BytesDRAMRead: 64 * channels * 3}, nil},
		{"alderlake", []map[string]float64{{
			"cpu_core/inst.retired": 100, "cpu_core/cycles.core": 50, "cpu_core/flops.dp.256": 5, "cpu_core/llc.miss": 6,
			"uncore_imc_free_running_0/dram.rd": 10, "uncore_imc_free_running_1/dram.rd": 20, "uncore_imc_free_running_0/dram.wr": 1,
		}}, map[perf.Quantity]float64{
			perf.Instructions: 100, perf.FLOPs: 20, perf.MissesL3: 6, perf.BytesDRAM: 2 * 64 * 31, perf.BytesDRAMRead: 2 * 64 * 30,
		}, nil},
		{"zen1", []map[string]float64{{"inst.retired": 9, "cycles.core": 9, "flops.all": 70, "flops.sp": 40, "flops.dp": 30, "dram.all.ch0": 5, "dram.all.ch7": 2}},
			map[perf.Quantity]float64{perf.FLOPs: 70, f32(""): 40, f64(""): 30, perf.BytesDRAM: 2 * 64 * 7}, nil},
		// Most lines of a stream are brought by the prefetcher, which the event of demand refills does not count.
		{"zen2", []map[string]float64{{
			"inst.retired": 9, "cycles.core": 9, "flops.all": 70, "l1d.fill.demand": 50, "l1d.pf.hw": 440, "l1d.pf.sw": 10,
			"l1d.refill.lcl_l2": 50, "mem.store_dispatch": 3, "mem.ld_st_dispatch": 2,
		}}, map[perf.Quantity]float64{perf.FLOPs: 70, perf.BytesL2: 32000, perf.BytesL2Fill: 32000, perf.MissesL1: 500}, nil},
		{"zen3", []map[string]float64{{
			"inst.retired": 9, "cycles.core": 9, "flops.all": 70, "l1d.fill": 500, "mem.store_dispatch": 3, "mem.ld_st_dispatch": 2,
			"l2.miss.demand": 4, "l2.pf.miss_hit_l3": 5, "l2.pf.miss_l3": 6, "mem.ld_dispatch": 20, "l3.miss": 8,
		}}, map[perf.Quantity]float64{
			perf.FLOPs: 70, perf.BytesL2: 32000, perf.MissesL2: 15, perf.BytesL3Fill: 64 * 15, perf.Loads: 22, perf.Stores: 5, perf.MissesL3: 16,
		}, map[perf.Quantity]string{f64(""): "no precision split", f32(""): "no precision split", perf.BytesL3: "not those that leave"}},
		{"zen4", []map[string]float64{{
			"inst.retired": 9, "cycles.core": 9, "flops.all": 70, "amd_umc_0/dram.rd": 3, "amd_umc_1/dram.rd": 4, "amd_umc_1/dram.wr": 5,
			"uops.retired": 11, "td.dispatched": 15, "td.backend_stalls": 2, "td.no_ops_from_frontend": 1, "fp.ops.width.pack_512": 6,
		}}, map[perf.Quantity]float64{
			perf.FLOPs: 70, perf.BytesDRAM: 2 * 64 * 12, perf.BytesDRAMWrite: 2 * 64 * 5, perf.SlotsRetiring: 11, perf.SlotsBadSpec: 4,
			perf.SlotsBackend: 2, perf.SlotsFrontend: 1, perf.FPUopsOf(perf.Bits512): 6, perf.FPUopsOf(perf.Bits128): 0,
		}, nil},
		{"zen5", []map[string]float64{{"inst.retired": 9, "cycles.core": 9, "flops.all": 100, "flops.scalar_double": 1, "flops.packed_double": 40, "flops.packed_single": 50, "flops.scalar_single": 2, "flops.bf16": 7}},
			map[perf.Quantity]float64{perf.FLOPs: 100, f64(""): 41, f64(perf.Scalar): 1, f32(""): 52, perf.FLOPsOf("bf16", ""): 7}, nil},
		{"neoverse-v1", []map[string]float64{{"inst.retired": 9, "cycles.core": 9, "flops.fixed": 10, "flops.scale": 100, "l1d.fill": 4, "l1d.wb": 2}},
			map[perf.Quantity]float64{perf.FLOPs: 10 + 2*100, perf.BytesL2: 64 * 6}, map[perf.Quantity]string{perf.BytesDRAM: "no PMU of the memory"}},
		{"neoverse-v2", []map[string]float64{{"inst.retired": 9, "cycles.core": 9, "flops.fixed": 10, "flops.scale": 100}},
			map[perf.Quantity]float64{perf.FLOPs: 110}, nil},
		{"neoverse-n1", []map[string]float64{{"inst.retired": 9, "cycles.core": 9}}, nil, map[perf.Quantity]string{perf.FLOPs: "no FLOP counter"}},
	}
	for _, tt := range tests {
		t.Run(tt.uarch, func(t *testing.T) {
			l := newLab(t, tt.uarch)
			if tt.uarch == "alderlake" { // the thread ran on P cores alone
				l.k.shareOf = l.onlyOn("cpu_core")
			}
			for _, m := range tt.counts {
				for role, v := range m {
					l.counts[role] = v
				}
			}
			counts, _ := l.countOnce(t, Options{}, perf.Known...)
			for q, v := range tt.want {
				if c, ok := counts[q]; !ok || c.Quality != perf.Exact || math.Abs(c.Value-v) > 1e-9*v {
					t.Errorf("%s: %+v, want %v", q, c, v)
				}
			}
			for q, why := range tt.missing {
				if c, ok := counts[q]; !ok || c.Quality != perf.Missing || !strings.Contains(c.Reason, why) {
					t.Errorf("%s: %+v, want missing because %q", q, c, why)
				}
			}
			for q, c := range counts {
				if err := c.Validate(); err != nil {
					t.Errorf("%s: %v", q, err)
				}
			}
		})
	}
}

func TestNotesOfCounts(t *testing.T) {
	l := newLab(t, "sapphirerapids")
	l.counts = map[string]float64{"inst.retired": 9, "cycles.core": 9, "flops.dp.512": 1, "amx.busy": 5, "l1d.fill": 1000, "mem.stores": 40, "dram.rd": 1, "dram.wr": 1}
	counts, _ := l.countOnce(t, Options{}, perf.Known...)
	for q, note := range map[perf.Quantity]string{
		perf.FLOPs: "AMX tiles", perf.BytesL2: "at most 4.0 % more", perf.BytesDRAM: "whole machine",
	} {
		if c := counts[q]; c.Quality != perf.Exact || !strings.Contains(c.Note, note) {
			t.Errorf("%s: %+v, want a note with %q", q, c, note)
		}
	}
	delete(l.counts, "amx.busy")
	counts, _ = l.countOnce(t, Options{}, perf.Known...)
	if c := counts[perf.FLOPs]; c.Note != "" {
		t.Errorf("no tiles: %+v", c)
	}
	if c, ok := counts[perf.AMXBusy]; ok {
		t.Errorf("nothing tells whether AMX busy works, but %+v", c)
	}
}

// onlyOn has threads run on the cores of one PMU only.
func (l *lab) onlyOn(core string) func(group []attrT) float64 {
	return func(group []attrT) float64 {
		if pmu := l.byType[group[0].Type]; strings.HasPrefix(pmu, "cpu") && pmu != core {
			return 0
		}
		return 1
	}
}
