package uarch

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// skylakeServer has the PMUs of a two-socket Skylake-SP as its kernel shows them, with three memory channels.
func skylakeServer() machine {
	m := x86("GenuineIntel", 6, 0x55, 4, "avx2 fma avx512f").pmu("cpu", "skylake", "")
	for name, bits := range map[string]string{"event": "config:0-7", "umask": "config:8-15", "edge": "config:18", "inv": "config:23",
		"cmask": "config:24-31", "offcore_rsp": "config1:0-63", "new": "config3:0-7"} {
		m.file(devices+"/cpu/format/"+name, bits+"\n")
	}
	for _, imc := range []string{"uncore_imc_0", "uncore_imc_1", "uncore_imc_10"} {
		dir := devices + "/" + imc
		m.file(dir+"/type", "19\n").file(dir+"/cpumask", "0,24\n")
		m.file(dir+"/format/event", "config:0-7\n").file(dir+"/format/umask", "config:8-15\n")
		m.file(dir+"/events/cas_count_read", "event=0x04,umask=0x03\n").file(dir+"/events/cas_count_read.scale", "6.103515625e-5\n").
			file(dir+"/events/cas_count_read.unit", "MiB\n")
	}
	m.file(devices+"/uncore_imc_free_running_0/type", "30\n")
	m.file(devices+"/power/type", "25\n").file(devices+"/power/cpumask", "0,24\n").file(devices+"/power/format/event", "config:0-7\n").
		file(devices+"/power/events/energy-pkg", "event=0x02\n").file(devices+"/power/events/energy-pkg.scale", "2.3283064365386962890625e-10\n").
		file(devices+"/power/events/energy-pkg.unit", "Joules\n")
	return m
}

func find(t *testing.T, uarch, name string) Event {
	t.Helper()
	table, err := Lookup(uarch)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range table.Events {
		if e.Name == name {
			return e
		}
	}
	t.Fatalf("%s has no event %s", uarch, name)
	return Event{}
}

func TestInstancesOfAnUncorePMU(t *testing.T) {
	root := fstest.MapFS(skylakeServer())
	list, err := Instances(root, "uncore_imc_<n>")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range list {
		names = append(names, d.Name)
		if d.Type != 19 || len(d.CPUs) != 2 || d.CPUs[1] != 24 {
			t.Errorf("%s: type %d on CPUs %v, want 19 on 0 and 24", d.Name, d.Type, d.CPUs)
		}
	}
	if got := strings.Join(names, " "); got != "uncore_imc_0 uncore_imc_1 uncore_imc_10" {
		t.Errorf("instances %s", got)
	}
	if list, err := Instances(root, "amd_umc_<n>"); err != nil || len(list) != 0 {
		t.Errorf("instances of a PMU that is not there: %v, %v", list, err)
	}
}

func TestAttrPrefersWhatTheKernelSays(t *testing.T) {
	m := skylakeServer()
	read := find(t, "skylakex", "UNC_M_CAS_COUNT.RD")
	attr := func(pmu string, e Event) Attr {
		t.Helper()
		d, err := ReadDevice(fstest.MapFS(m), pmu)
		if err != nil {
			t.Fatal(err)
		}
		a, err := d.Attr(e)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := attr("uncore_imc_0", read); a.Type != 19 || a.Config != 0x304 || a.Unit != "MiB" || a.Scale != 6.103515625e-5 || a.Note != "" {
		t.Errorf("the kernel's alias: %+v", a)
	}
	m.file(devices+"/uncore_imc_1/events/cas_count_read", "event=0x05,umask=0xcf\n")
	if a := attr("uncore_imc_1", read); a.Config != 0xcf05 || !strings.Contains(a.Note, "0xcf05") {
		t.Errorf("an alias that differs from the table: %+v", a)
	}
	delete(m, devices+"/uncore_imc_10/events/cas_count_read")
	m.file(devices+"/uncore_imc_10/format/umask", "config:16-23\n")
	if a := attr("uncore_imc_10", read); a.Config != 0x30004 || a.Note == "" {
		t.Errorf("a format that differs from the table's: %+v", a)
	}
	if a := attr("cpu", find(t, "skylakex", "FP_ARITH_INST_RETIRED.512B_PACKED_DOUBLE")); a.Type != 4 || a.Config != 0x40c7 || a.Scale != 1 || a.Note != "" {
		t.Errorf("an event of the core: %+v", a)
	}
	if a := attr("power", find(t, "skylakex", "energy-pkg")); a.Config != 2 || a.Unit != "Joules" || a.Scale != 1.0/(1<<32) {
		t.Errorf("energy: %+v", a)
	}
}

func TestAttrErrors(t *testing.T) {
	m := skylakeServer()
	delete(m, devices+"/cpu/format/offcore_rsp")
	d, err := ReadDevice(fstest.MapFS(m), "cpu")
	if err != nil {
		t.Fatal(err)
	}
	var lacks *FormatError
	if _, err := d.Attr(find(t, "icelakex", "OCR.DEMAND_DATA_RD.DRAM")); !errors.As(err, &lacks) || lacks.Field.Name != "offcore_rsp" {
		t.Errorf("without offcore_rsp: %v", err)
	}
	if _, err := d.Alias("cpu-cycles"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an alias that is not there: %v", err)
	}
	for file, text := range map[string]string{"type": "four", "cpumask": "0-x"} {
		broken := skylakeServer().file(devices+"/power/"+file, text)
		if _, err := ReadDevice(fstest.MapFS(broken), "power"); err == nil || !strings.Contains(err.Error(), "power") {
			t.Errorf("%s %q: %v", file, text, err)
		}
	}
	if _, err := ReadDevice(fstest.MapFS(m), "gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a PMU that is not there: %v", err)
	}
}

func TestNoDevices(t *testing.T) {
	if names, err := DeviceNames(fstest.MapFS{}); err != nil || names != nil {
		t.Errorf("without a directory of PMUs: %v, %v", names, err)
	}
}

// FuzzDevice feeds what a kernel might write into every file of a PMU.
func FuzzDevice(f *testing.F) {
	f.Add("4", "0-3", "config:0-7", "event=0xc0", "1e-3")
	f.Add("", "0-", "config:0-99", "event=?", "nan")
	f.Fuzz(func(t *testing.T, kind, cpus, format, event, scale string) {
		dir := devices + "/cpu/"
		m := machine{}.file(dir+"type", kind).file(dir+"cpus", cpus).file(dir+"format/event", format).file(dir+"events/e", event).file(dir+"events/e.scale", scale)
		d, err := ReadDevice(fstest.MapFS(m), "cpu")
		if err != nil {
			return
		}
		if a, err := d.Alias("e"); err == nil && !(a.Scale > 0) {
			t.Fatalf("scale %q became %v", scale, a.Scale)
		}
		if _, err := CoreDevices(fstest.MapFS(m)); err != nil {
			t.Fatal(err)
		}
	})
}
