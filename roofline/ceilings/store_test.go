package ceilings

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func some() []roofline.Ceiling {
	return []roofline.Ceiling{
		{ID: "compute.fma.avx512.f32", Kind: "compute", Op: "fma", ISA: "avx512", DType: "f32", Threads: 1, Unit: "FLOP/s",
			Value: stats.Estimate{Median: 2, Lo: 1, Hi: 3, N: 9}, Theory: 2.5, Note: "two pipes"},
		{ID: "latency.L1", Kind: "latency", Op: "load", Level: "L1", Threads: 1, Unit: "s",
			Value: stats.Estimate{Median: 1e-9, Lo: 1e-9, Hi: 2e-9, N: 41}},
	}
}

func TestStore(t *testing.T) {
	t.Setenv(EnvCache, filepath.Join(t.TempDir(), "new", "directory"))
	if list, warnings := Load("abc"); list != nil || warnings != nil {
		t.Errorf("nothing stored gives %v, %v", list, warnings)
	}
	if err := Save("abc", some()); err != nil {
		t.Fatal(err)
	}
	list, warnings := Load("abc")
	if !reflect.DeepEqual(list, some()) || warnings != nil {
		t.Errorf("loaded %+v, %v", list, warnings)
	}
	if list, _ := Load("other"); list != nil {
		t.Error("the ceilings of another machine were loaded")
	}
	again := some()[:1]
	if err := Save("abc", again); err != nil {
		t.Fatal(err)
	}
	if list, _ := Load("abc"); !reflect.DeepEqual(list, again) {
		t.Errorf("after the second time %+v", list)
	}
}

func TestStoreKeepsUnknownIntervals(t *testing.T) {
	t.Setenv(EnvCache, t.TempDir())
	list := some()
	list[0].Value.Lo, list[0].Value.Hi, list[0].Value.N = math.NaN(), math.NaN(), 3
	if err := Save("abc", list); err != nil {
		t.Fatal(err)
	}
	got, warnings := Load("abc")
	if len(got) != 2 || got[0].Value.Known() || got[0].Value.Median != 2 || warnings != nil {
		t.Errorf("loaded %+v, %v", got, warnings)
	}
}

// TestUnusableFiles: whatever is wrong with the file, there is one warning that names it, and Save replaces it.
func TestUnusableFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(EnvCache, dir)
	if err := Save("abc", some()); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "ceilings-abc.json")
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"empty":           "",
		"cut off":         string(whole[:len(whole)/2]),
		"not JSON":        "ceilings\n",
		"another version": strings.Replace(string(whole), `"version": 2`, `"version": 99`, 1),
		"another machine": strings.Replace(string(whole), "abc", "xyz", 1),
		"negative":        strings.Replace(string(whole), `"median": 2`, `"median": -2`, 1),
		"twice":           strings.Replace(string(whole), "latency.L1", "compute.fma.avx512.f32", 1),
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		list, warnings := Load("abc")
		if list != nil || len(warnings) != 1 || !strings.Contains(warnings[0].Text, name) || warnings[0].Cure == "" {
			t.Errorf("%s: loaded %v with %v", what, list, warnings)
		}
	}
	if err := Save("abc", some()); err != nil {
		t.Fatal(err)
	}
	if list, warnings := Load("abc"); len(list) != 2 || warnings != nil {
		t.Errorf("after a repair %v, %v", list, warnings)
	}
}

func TestSaveSaysWhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv(EnvCache, file) // not a directory
	if err := Save("abc", some()); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v does not name %s", err, file)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"version":2,"fingerprint":"abc","ceilings":[{"id":"latency.L1","kind":"latency","level":"L1","threads":1,"unit":"s",
		"value":{"median":1e-9,"lo":null,"hi":null,"n":3}}]}`))
	f.Add([]byte(`{"version":2,"fingerprint":"abc","ceilings":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := decode(data, "abc")
		if err != nil {
			return
		}
		for _, c := range list {
			if !(c.Value.Median > 0) || c.Threads < 1 || c.ID == "" {
				t.Errorf("accepted %+v", c)
			}
		}
	})
}
