package event

import "github.com/roofline-go/roofline/perf"

// recipes define every quantity but FLOPs, which depend on what a table has (see flops.go). docs/counters.md explains them.
var recipes = []recipe{
	{quantity: perf.Instructions, roles: []string{"inst.retired"}, always: true},
	{quantity: perf.Cycles, roles: []string{"cycles.core"}, always: true},

	// L2 serves L1: lines filled into L1 and lines written back. Where no event counts the write-backs, there are at most
	// as many as stores.
	{quantity: perf.BytesL2, roles: []string{"l1d.fill", "l1d.wb"}, weight: perLine},
	{quantity: perf.BytesL2, roles: []string{"l1d.fill"}, weight: perLine, unseen: []string{"mem.stores"}},
	{quantity: perf.BytesL2, roles: []string{"l1d.fill"}, weight: perLine, unseen: []string{"mem.store_dispatch", "mem.ld_st_dispatch"}},
	{quantity: perf.BytesL2, roles: fillsByCause, weight: perLine, unseen: []string{"mem.store_dispatch", "mem.ld_st_dispatch"}},

	// L3 serves L2: lines filled into L2 and lines written back. A victim cache (servers since Skylake-X) takes clean
	// lines too; an inclusive L3 (clients) only dirty ones.
	{quantity: perf.BytesL3, roles: []string{"l2.fill", "l2.evict.nonsilent"}, weight: perLine, only: victimL3},
	{quantity: perf.BytesL3, roles: []string{"l2.fill", "l2.wb"}, weight: perLine},

	{quantity: perf.BytesDRAM, level: onUncore, roles: []string{"dram.rd", "dram.wr"}, weight: perWorth, always: true},
	{quantity: perf.BytesDRAM, level: onUncore, roles: []string{"dram.rd.sch0", "dram.rd.sch1", "dram.wr.sch0", "dram.wr.sch1"}, weight: perWorth, always: true},
	{quantity: perf.BytesDRAM, level: onUncore, roles: []string{"dram.rd.cs*", "dram.wr.cs*"}, weight: perWorth, always: true},
	{quantity: perf.BytesDRAM, level: onUncore, roles: []string{"dram.rd.df*", "dram.wr.df*"}, weight: perWorth, always: true},
	{quantity: perf.BytesDRAM, level: onUncore, roles: []string{"dram.all.ch*"}, weight: perWorth, always: true},

	{quantity: perf.MissesL1, roles: []string{"l1d.fill"}},
	{quantity: perf.MissesL1, roles: fillsByCause},
	{quantity: perf.MissesL1, roles: []string{"l1d.mab.loads", "l1d.mab.stores", "l1d.mab.dc_prefetcher"}},
	{quantity: perf.MissesL1, roles: []string{"l1d.load_miss"}, note: "only loads that missed; no stores, no prefetches"},
	{quantity: perf.MissesL2, roles: []string{"l2.miss"}},
	{quantity: perf.MissesL2, roles: []string{"l2.fill"}},
	{quantity: perf.MissesL2, roles: []string{"l2.miss.demand", "l2.pf.miss_hit_l3", "l2.pf.miss_l3"}},
	{quantity: perf.MissesL3, roles: []string{"llc.miss"}},
	{quantity: perf.MissesL3, roles: []string{"llc.miss.rd"}, note: "only reads that missed"},
	{quantity: perf.MissesL3, roles: []string{"llc.load_miss"}, note: "only loads that missed; no stores, no prefetches"},
	{quantity: perf.MissesL3, level: onUncore, roles: []string{"l3.miss"}},

	{quantity: perf.BytesL2Fill, roles: []string{"l1d.fill"}, weight: perLine, detail: true},
	{quantity: perf.BytesL2Fill, roles: fillsByCause, weight: perLine, detail: true},
	{quantity: perf.BytesL3Fill, roles: []string{"l2.fill"}, weight: perLine, detail: true},
	{quantity: perf.BytesL3Fill, roles: []string{"l2.miss.demand", "l2.pf.miss_hit_l3", "l2.pf.miss_l3"}, weight: perLine, detail: true},
	{quantity: perf.BytesDRAMRead, level: onUncore, roles: []string{"dram.rd"}, weight: perWorth, detail: true},
	{quantity: perf.BytesDRAMRead, level: onUncore, roles: []string{"dram.rd.sch0", "dram.rd.sch1"}, weight: perWorth, detail: true},
	{quantity: perf.BytesDRAMRead, level: onUncore, roles: []string{"dram.rd.cs*"}, weight: perWorth, detail: true},
	{quantity: perf.BytesDRAMRead, level: onUncore, roles: []string{"dram.rd.df*"}, weight: perWorth, detail: true},
	{quantity: perf.BytesDRAMWrite, level: onUncore, roles: []string{"dram.wr"}, weight: perWorth, detail: true},
	{quantity: perf.BytesDRAMWrite, level: onUncore, roles: []string{"dram.wr.sch0", "dram.wr.sch1"}, weight: perWorth, detail: true},
	{quantity: perf.BytesDRAMWrite, level: onUncore, roles: []string{"dram.wr.cs*"}, weight: perWorth, detail: true},
	{quantity: perf.BytesDRAMWrite, level: onUncore, roles: []string{"dram.wr.df*"}, weight: perWorth, detail: true},
	{quantity: perf.EnergyPackage, level: onUncore, roles: []string{"energy.pkg"}, weight: perWorth, always: true, detail: true},
	{quantity: perf.EnergyDRAM, level: onUncore, roles: []string{"energy.ram"}, weight: perWorth, always: true, detail: true},

	{quantity: perf.ReferenceCycles, roles: []string{"cycles.ref"}, always: true, detail: true},
	{quantity: perf.AMXBusy, roles: []string{"amx.busy"}, detail: true},
	{quantity: perf.Loads, roles: []string{"mem.loads"}, always: true, detail: true},
	{quantity: perf.Loads, roles: []string{"mem.ld_dispatch", "mem.ld_st_dispatch"}, always: true, detail: true, note: dispatched},
	{quantity: perf.Stores, roles: []string{"mem.stores"}, always: true, detail: true},
	{quantity: perf.Stores, roles: []string{"mem.store_dispatch", "mem.ld_st_dispatch"}, always: true, detail: true, note: dispatched},

	// Top-down level 1. PERF_METRICS (Ice Lake and later): the kernel gives each metric in slots. E cores and Zen 4, 5: events.
	{quantity: perf.SlotsRetiring, leader: slots, roles: []string{"td.metric.retiring"}, detail: true, always: true},
	{quantity: perf.SlotsBadSpec, leader: slots, roles: []string{"td.metric.bad_spec"}, detail: true},
	{quantity: perf.SlotsFrontend, leader: slots, roles: []string{"td.metric.fe_bound"}, detail: true},
	{quantity: perf.SlotsBackend, leader: slots, roles: []string{"td.metric.be_bound"}, detail: true},
	{quantity: perf.SlotsRetiring, roles: []string{"td.retiring"}, detail: true, always: true},
	{quantity: perf.SlotsBadSpec, roles: []string{"td.bad_spec"}, detail: true},
	{quantity: perf.SlotsFrontend, roles: []string{"td.fe_bound"}, detail: true},
	{quantity: perf.SlotsBackend, roles: []string{"td.be_bound"}, detail: true},
	{quantity: perf.SlotsRetiring, roles: []string{"uops.retired"}, detail: true, always: true, only: hasDispatch},
	{quantity: perf.SlotsBadSpec, roles: []string{"td.dispatched"}, less: []string{"uops.retired"}, detail: true},
	{quantity: perf.SlotsFrontend, roles: []string{"td.no_ops_from_frontend"}, detail: true},
	{quantity: perf.SlotsBackend, roles: []string{"td.backend_stalls"}, detail: true},
}

// fillsByCause are the lines filled into L1 where no event counts them all (Zen 2).
var fillsByCause = []string{"l1d.fill.demand", "l1d.pf.sw", "l1d.pf.hw"}

const (
	slots      = "td.slots"
	dispatched = "counted at dispatch, so that some may never have retired"
)

func victimL3(u *unit) bool { return !u.clientL3 }

// hasDispatch says whether the unit counts issue slots by what filled them (Zen 4, 5).
func hasDispatch(u *unit) bool { return len(u.finds("td.dispatched")) > 0 }
