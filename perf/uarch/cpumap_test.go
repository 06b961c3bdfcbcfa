package uarch

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// refCPU is a row of the reference's cpu_map, read here independently of the generator.
type refCPU struct {
	Vendor, Model, Stepping, Uarch string
	Family                         int
	Implementer, Part              string
	ModelRegex                     string `json:"model_regex"`
}

// covers follows the rules of _gen/README.md: the expression is matched with the hexadecimal model, the first match wins.
func (c refCPU) covers(t *testing.T, model, stepping int) bool {
	t.Helper()
	if c.ModelRegex != "" {
		if strings.HasPrefix(c.ModelRegex, "any") {
			return true
		}
		ok, err := regexp.MatchString("^(?:"+c.ModelRegex+")$", fmt.Sprintf("%X", model))
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	return c.Model == fmt.Sprintf("%#x", model) && (c.Stepping == "any" || strings.Contains(c.Stepping, fmt.Sprintf("%X", stepping)))
}

func TestMapIsTheReferences(t *testing.T) {
	tables := refs(t)
	compared := map[string]int{}
	for _, file := range []string{"_gen/intel.json", "_gen/amd.json"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var ref struct {
			CPUMap []refCPU `json:"cpu_map"`
		}
		if err := json.Unmarshal(text, &ref); err != nil {
			t.Fatal(err)
		}
		families := map[string]map[int][]refCPU{}
		for _, c := range ref.CPUMap {
			if families[c.Vendor] == nil {
				families[c.Vendor] = map[int][]refCPU{}
			}
			families[c.Vendor][c.Family] = append(families[c.Vendor][c.Family], c)
		}
		for vendor, byFamily := range families {
			for family, list := range byFamily {
				for n := range 256 * 16 {
					model, stepping := n/16, n%16
					want := ""
					for _, c := range list {
						if c.covers(t, model, stepping) {
							want, _, _ = strings.Cut(c.Uarch, " ")
							break
						}
					}
					rows := known().match(vendor, family, model, stepping)
					got := ""
					if len(rows) > 0 {
						got = rows[0].Uarch
						if _, has := tables[got]; has != rows[0].Table {
							t.Errorf("%s: table %v, want %v", got, rows[0].Table, has)
						}
					}
					if got != want {
						t.Errorf("%s family %d model %#x stepping %d: %q, want %q", vendor, family, model, stepping, got, want)
					}
					compared[got]++
				}
			}
		}
	}
	if len(compared) < 30 {
		t.Errorf("only %d microarchitectures were reached", len(compared))
	}
}

// TestANewCPUIsData adds a CPU by three text files' worth of data, and no code.
func TestANewCPUIsData(t *testing.T) {
	dir := fstest.MapFS{
		"tables/map.csv": {Data: []byte("vendor,family,model,stepping,core,pmu,uarch,table,name\nGenuineIntel,19,0x01,any,any,cpu,futurelake,yes,Future Lake\n")},
		"tables/futurelake.txt": {Data: []byte(`source  a manual
uarch   futurelake
pmu cpu general=10 fixed=4
format event=config:0-7 umask=config:8-15,40-47
event inst.retired INST_RETIRED.ANY event=0xc0 counters=fixed0 | instructions
event flops.dp.1024 FP.1024B event=0xc7,umask=0x101 counters=0-9 flops=16 precision=fp64 | a wide one
`)},
		"tables/caveats.txt": {},
		"signs.csv":          {Data: []byte("uarch,core,pmu_names,must,never\nfuturelake,any,future_lake,,sse4a\n")},
		"generic.txt":        {Data: []byte("source x\nuarch generic\n")},
	}
	d, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	id, err := d.identify(fstest.MapFS(x86("GenuineIntel", 19, 1, 3, "avx2")), "")
	if err != nil || id.Uarch != "futurelake" {
		t.Fatalf("%q, %v, notes %q", id.Uarch, err, id.Notes)
	}
	e := id.Cores[0].ByRole("flops.dp.1024")
	if len(e) != 1 || e[0].Config != 0x1_00_00_00_01_c7 || e[0].FLOPs.Operations(0) != 16 {
		t.Errorf("event %+v, want the umask's ninth bit in bit 40", e)
	}
}

func TestMapsThatAreWrongAreRefused(t *testing.T) {
	head := "vendor,family,model,stepping,core,pmu,uarch,table,name\n"
	for name, text := range map[string]string{
		"empty":            "",
		"no number":        head + "GenuineIntel,six,0x01,any,any,cpu,zen1,yes,x\n",
		"model backwards":  head + "GenuineIntel,6,0x5-0x1,any,any,cpu,zen1,yes,x\n",
		"table of nothing": head + "GenuineIntel,6,0x5,any,any,cpu,,yes,x\n",
		"no such table":    head + "GenuineIntel,6,0x5,any,any,cpu,gone,yes,x\n",
		"column missing":   head + "GenuineIntel,6,0x5\n",
		"columns twice":    "vendor,vendor\na,b\n",
	} {
		_, err := load(fstest.MapFS{"tables/map.csv": {Data: []byte(text)}, "tables/caveats.txt": {}, "generic.txt": {},
			"signs.csv": {Data: []byte("uarch,core,pmu_names,must,never\n")}})
		if err == nil || !strings.Contains(err.Error(), "map.csv") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSignsNameKnownMicroarchitectures: a misspelt row would never be used.
func TestSignsNameKnownMicroarchitectures(t *testing.T) {
	d := known()
	for _, name := range d.names() {
		n := 0
		for _, s := range d.signs {
			if s.Uarch == name {
				n++
			}
		}
		if n == 0 {
			t.Errorf("no row of signs.csv is about %s", name)
		}
	}
	for _, s := range d.signs {
		if _, ok := d.tables[s.Uarch]; !ok {
			t.Errorf("signs.csv: there is no table %s", s.Uarch)
		}
		for _, f := range s.Must {
			for _, no := range s.Never {
				if f == no {
					t.Errorf("signs.csv: %s must and cannot have %s", s.Uarch, f)
				}
			}
		}
	}
}
