package event

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/perf/uarch"
)

// lab is a pretended machine: the sysfs of a microarchitecture with two instances of every PMU that has several, and a
// kernel that knows the rules for its PMUs and counts by role.
type lab struct {
	root  fstest.MapFS
	table *uarch.Table
	k     *fakeKernel

	general map[string]int     // by PMU: counters, less than the table says
	counts  map[string]float64 // by role, or by PMU/role: per enabled period
	errno   func(pmu string, e uarch.Event, at place) error
	byType  map[uint32]string
}

func newLab(t *testing.T, name string) *lab {
	t.Helper()
	table, err := uarch.Lookup(name)
	check(t, err)
	l := &lab{root: fstest.MapFS{}, table: table, general: map[string]int{}, counts: map[string]float64{}, byType: map[uint32]string{}}
	l.file("proc/cpuinfo", "vendor_id: none\nflags: avx512_fp16 avx512_bf16\n")
	for _, p := range table.PMUs {
		for _, instance := range []string{"0", "1"} {
			pmu := strings.Replace(p.Name, "<n>", instance, 1)
			if pmu == p.Name && instance == "1" || p.IsCore() && instance == "1" {
				continue
			}
			typ := uint32(4 + len(l.byType))
			l.byType[typ] = pmu
			l.pmu(pmu, typ, p)
		}
	}
	l.k = &fakeKernel{refuse: l.refuse, value: l.value}
	return l
}

func (l *lab) file(name, text string) { l.root[name] = &fstest.MapFile{Data: []byte(text + "\n")} }

func (l *lab) pmu(pmu string, typ uint32, p uarch.PMU) {
	dir := pmuDir + "/" + pmu + "/"
	l.file(dir+"type", fmt.Sprint(typ))
	for name, bits := range p.Format {
		l.file(dir+"format/"+name, bits.String())
	}
	switch {
	case pmu == "cpu_core":
		l.file(dir+"cpus", "0-9999")
	case pmu == "cpu_atom":
		l.file(dir+"cpus", "10000-10001")
	case !p.IsCore():
		l.file(dir+"cpumask", "0,8")
	}
	for _, e := range l.table.On(p.Name) {
		if e.SysfsEvent == "" {
			continue
		}
		l.file(dir+"events/"+e.SysfsEvent, uarch.FieldList(e.Fields))
		switch {
		case e.Scale != 0:
			l.file(dir+"events/"+e.SysfsEvent+".scale", fmt.Sprint(e.Scale))
			l.file(dir+"events/"+e.SysfsEvent+".unit", e.Unit)
		case strings.HasPrefix(e.Role, "dram."):
			l.file(dir+"events/"+e.SysfsEvent+".scale", "6.103515625e-5")
			l.file(dir+"events/"+e.SysfsEvent+".unit", "MiB")
		}
	}
}

// find is the event that an attr asks for, by its code: the independent way back.
func (l *lab) find(attr *unix.PerfEventAttr) (pmu string, e uarch.Event, ok bool) {
	pmu, ok = l.byType[attr.Type]
	if !ok {
		return "", e, false
	}
	for _, e := range l.table.Events {
		name, open := strings.CutSuffix(e.PMU, "<n>")
		if (e.PMU == pmu || open && strings.HasPrefix(pmu, name)) && e.Config == attr.Config && e.Config1 == attr.Ext1 {
			return pmu, e, true
		}
	}
	return pmu, e, false
}

// refuse has the kernel's rules.
func (l *lab) refuse(attr *unix.PerfEventAttr, in int, group []unix.PerfEventAttr, at place) error {
	pmu, e, ok := l.find(attr)
	if !ok {
		return unix.ENOENT
	}
	if l.errno != nil {
		if err := l.errno(pmu, e, at); err != nil {
			return err
		}
	}
	if !uarch.IsCorePMU(pmu) {
		if at.pid != -1 || at.cpu < 0 || attr.Bits&^unix.PerfBitDisabled != 0 {
			return unix.EINVAL
		}
	} else if at.pid == -1 && at.cpu < 0 {
		return unix.EINVAL
	}
	if e.Counters.Kind == uarch.PerfMetrics {
		if in == 0 || group[0].Config != 0x400 {
			return unix.EINVAL
		}
	}
	var needs []need
	for _, a := range append(slices.Clone(group), *attr) {
		_, e, _ := l.find(&a)
		if l.table.Vendor == "Intel" && e.Counters.Mask == 0xf && l.general[pmu] == 8 {
			e.Counters.Mask = 0xff // with hyper-threading off
		}
		needs = append(needs, needOf(e))
	}
	if !possible(l.room(pmu), needs) {
		return unix.EINVAL
	}
	return nil
}

func (l *lab) room(pmu string) room {
	for _, p := range l.table.PMUs {
		name, open := strings.CutSuffix(p.Name, "<n>")
		if p.Name != pmu && !(open && strings.HasPrefix(pmu, name)) {
			continue
		}
		r := room{general: p.General, fixed: 1<<p.Fixed - 1}
		if r.general == 0 {
			r.general = 4
		}
		if n, ok := l.general[pmu]; ok {
			r.general = n
		}
		return r
	}
	return room{}
}

func (l *lab) value(attr *unix.PerfEventAttr) uint64 {
	pmu, e, _ := l.find(attr)
	if v, ok := l.counts[pmu+"/"+e.Role]; ok {
		return uint64(v)
	}
	return uint64(l.counts[e.Role])
}

func (l *lab) planner() planner { return planner{sys: l.k, root: l.root, available: yes} }

func (l *lab) pmuSource(o Options) *PMU {
	o.Uarch = l.table.Uarch
	return &PMU{sys: l.k, root: l.root, available: yes, options: o}
}

// closed fails where events stay open.
func (l *lab) closed(t *testing.T) {
	t.Helper()
	if n := len(l.k.live); n != 0 {
		t.Errorf("%d events left open: %v", n, slices.Sorted(maps.Keys(l.k.live)))
	}
}
