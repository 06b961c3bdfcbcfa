//go:build linux && amd64

package main

import (
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/fakepmu/scenario"
)

// values gives every role a value of its own, so that counts that are mixed up or left out show. Stores are few: where no
// event counts the lines written back from L1, at most so many can be.
func values(u *scenario.Uarch) map[string]float64 {
	v := map[string]float64{}
	for i, e := range u.Events {
		key := e.PMU + ":" + e.Role
		if _, ok := v[key]; !ok {
			v[key] = 1e9 + 1048576*float64(i*i) // divisible by the number of channels
		}
		if strings.HasPrefix(e.Role, "mem.") {
			v[key] = 1000 + float64(i)
		}
	}
	return v
}

// book computes what quantities must come out as, by the rules of the reference tables' README.
type book struct {
	u *scenario.Uarch
	v map[string]float64
}

// worth is what the counts of a role on a PMU are worth together; ok is false if the PMU has no such event with a weight.
func (b book) worth(pmu, role string, weigh func(scenario.Event) (float64, bool)) (sum float64, ok bool) {
	i := slices.IndexFunc(b.u.Events, func(e scenario.Event) bool { return e.PMU == pmu && e.Role == role })
	if i < 0 {
		return 0, false
	}
	w, ok := weigh(b.u.Events[i])
	return b.v[pmu+":"+role] * w, ok
}

// total adds up roles on one PMU; ok is false unless all are there.
func (b book) total(pmu string, weigh func(scenario.Event) (float64, bool), roles ...string) (sum float64, ok bool) {
	for _, role := range roles {
		v, ok := b.worth(pmu, role, weigh)
		if !ok {
			return 0, false
		}
		sum += v
	}
	return sum, len(roles) > 0
}

func once(scenario.Event) (float64, bool) { return 1, true }

func line(scenario.Event) (float64, bool) { return lineBytes, true }

func (b book) flops(e scenario.Event) (float64, bool) { return e.FLOPs(b.u.SVEBits) }

// roles lists the roles of a PMU with a prefix.
func (b book) roles(pmu, prefix string) (list []string) {
	for _, e := range b.u.Events {
		if e.PMU == pmu && strings.HasPrefix(e.Role, prefix) && !slices.Contains(list, e.Role) {
			list = append(list, e.Role)
		}
	}
	return list
}

// servers have an L3 that takes what L2 drops, clean lines included.
var servers = []string{"skylakex", "cascadelakex", "icelakex", "sapphirerapids", "emeraldrapids", "graniterapids"}

// expected are the quantities that must come out, with their values; of those in missing it must be said that they cannot be
// counted.
func (b book) expected(features string) (want map[string]float64, missing []string) {
	want = map[string]float64{}
	core := b.u.PMUs[0].Name
	put := func(q string, v float64, ok bool) {
		if ok {
			want[q] = v
		} else {
			missing = append(missing, q)
		}
	}
	both := func(q, role string) {
		v, ok := b.total(core, once, role)
		if b.u.Key == "alderlake" { // a thread that may run anywhere: what either core type counts
			e, has := b.total("cpu_atom", once, role)
			v, ok = v+e, ok && has
		}
		put(q, v, ok)
	}
	both("instructions", "inst.retired")
	both("cycles", "cycles.core")
	put("bytes.L1", 0, false)
	b.floatingPoint(core, features, put)
	b.lines(core, put)
	b.memory(put)
	return want, missing
}

type putter = func(quantity string, value float64, ok bool)

func (b book) floatingPoint(core, features string, put putter) {
	sum, any := 0.0, false
	for _, p := range []struct{ role, dtype, feature string }{{"dp", "f64", ""}, {"sp", "f32", ""}, {"hp", "f16", "avx512_fp16"}, {"bf16", "bf16", "avx512_bf16"}} {
		of, has := 0.0, false
		for _, width := range []string{"scalar", "128", "256", "512"} {
			v, ok := b.total(core, b.flops, "flops."+p.role+"."+width)
			if !ok || !strings.Contains(features, p.feature) {
				continue
			}
			of, has = of+v, true
			if b.u.Key != "alderlake" {
				put("flops."+p.dtype+"."+width, v, true)
			}
		}
		if has && b.u.Key != "alderlake" {
			put("flops."+p.dtype, of, true)
		}
		sum, any = sum+of, any || has
	}
	if !any {
		sum, any = b.total(core, b.flops, "flops.all")
	}
	if !any {
		sum, any = b.total(core, b.flops, "flops.fixed", "flops.scale")
	}
	put("flops", sum, any && b.u.Key != "alderlake") // its E cores count none
}

func (b book) lines(core string, put putter) {
	if b.u.Vendor == "amd" {
		put("bytes.L3", 0, false)
		if v, ok := b.total(core, once, "l1d.fill.demand", "l1d.pf.sw", "l1d.pf.hw"); ok { // Zen 2: no event counts all fills
			put("misses.L1", v, true)
			put("bytes.L2", lineBytes*v, true)
		}
		return
	}
	if b.u.Key == "alderlake" {
		return // E cores count other events: what the sum is worth depends on where the thread ran
	}
	l2, ok := b.total(core, line, "l1d.fill", "l1d.wb")
	if !ok {
		l2, ok = b.total(core, line, "l1d.fill")
	}
	put("bytes.L2", l2, ok)
	out := "l2.wb"
	if slices.Contains(servers, b.u.Key) {
		out = "l2.evict.nonsilent"
	}
	l3, ok := b.total(core, line, "l2.fill", out)
	put("bytes.L3", l3, ok)
	for q, role := range map[string]string{"misses.L1": "l1d.fill", "misses.L2": "l2.miss", "misses.L3": "llc.miss"} {
		if v, ok := b.total(core, once, role); ok {
			put(q, v, true)
		}
	}
}

func (b book) memory(put putter) {
	for _, pmu := range []string{"uncore_imc_free_running_<n>", "uncore_imc_<n>", "uncore_imc", "amd_umc_<n>", "amd_df"} {
		for _, roles := range [][]string{
			{"dram.rd", "dram.wr"},
			{"dram.rd.sch0", "dram.rd.sch1", "dram.wr.sch0", "dram.wr.sch1"},
			b.roles(pmu, "dram.all.ch"),
		} {
			if v, ok := b.total(pmu, line, roles...); ok {
				put("bytes.DRAM", v, true)
				return
			}
		}
	}
	put("bytes.DRAM", 0, false)
}
