package sim

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// sample is a small run with everything in it.
func sample(t *testing.T) Summary {
	t.Helper()
	s := machine(t, Config{Levels: three(Victim), Classify: true, Prefetcher: Prefetcher{On: true}})
	if err := s.Register("A", 0, 24*64); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		walk(s.Core(0), 0, 24)
		s.Core(0).Store(mib, 8)
	}
	return s.Summary()
}

func TestSummaryText(t *testing.T) {
	var b strings.Builder
	if err := sample(t).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"simulated: L1 512 B, fully associative, LRU; L2", "victim", "stream prefetcher", "COMPULSORY", "other", "100.00 %", "DRAM"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %q in\n%s", part, b.String())
		}
	}
}

func TestSummaryJSON(t *testing.T) {
	s := sample(t)
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"source":"simulated"`, `"policy":"LRU"`, `"fill":"victim"`, `"index":"modulo"`, `"prefetcher":{"on":true`,
		`"array":"A","accesses":`, `"array":"other"`, `"bytes_inwards":`, `"miss_kinds":{"compulsory":`,
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
	var back Summary
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("read back: %v\n%+v\n%+v", err, back, s)
	}
	if err := json.Unmarshal([]byte(`{"caches":[{"policy":"FIFO"}]}`), &back); err == nil {
		t.Error("an unknown policy was read")
	}
}

func TestQuantities(t *testing.T) {
	s := machine(t, Config{Levels: three(NonInclusive)})
	s.Core(0).Load(0, 32)
	s.Core(0).Store(0, 8)
	s.Core(0).StorePast(mib, 64)
	want := map[string]float64{
		"bytes.L1": 32 + 8 + 64, "bytes.L1.load": 32, "bytes.L1.store": 72, "bytes.L2": 64, "bytes.L3": 64,
		"bytes.DRAM": 128, "bytes.DRAM.read": 64, "bytes.DRAM.write": 64, "misses.L1": 1, "misses.L2": 1, "misses.L3": 1,
	}
	if got := s.Summary().Quantities(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRegister(t *testing.T) {
	s := machine(t, full(64))
	c := s.Core(0)
	c.Load(200, 8)                                   // of no array yet
	if err := s.Register("B", 96, 160); err != nil { // lines 1 to 3, from the middle of line 1
		t.Fatal(err)
	}
	if err := s.Register("A", 0, 96); err != nil { // lines 0 and 1: line 1 is now A's
		t.Fatal(err)
	}
	for _, bad := range []struct {
		addr  uint64
		bytes int64
	}{{95, 1}, {0, 1}, {255, 10}, {0, 1000}, {300, 0}, {300, -1}, {1<<64 - 1, 2}} {
		if err := s.Register("C", bad.addr, bad.bytes); err == nil {
			t.Errorf("%+v was registered", bad)
		}
	}
	if err := s.Register("A", 1024, 64); err != nil { // a second range
		t.Fatal(err)
	}
	for _, addr := range []uint64{0, 64, 100, 128, 200, 256, 1024, 1088} {
		c.Load(addr, 8)
	}
	want(t, "A", array(t, s, 0, "A").Accesses, 4) // 0, 64, 100 in the shared line, 1024
	want(t, "B", array(t, s, 0, "B").Accesses, 2) // 128, 200
	want(t, "B misses", array(t, s, 0, "B").Misses, 1)
	want(t, "other", array(t, s, 0, Other).Accesses, 3)
	for i := range maxArrays - 2 {
		if err := s.Register(string(rune('a'+i)), uint64(2*mib+64*i), 64); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Register("one too many", 4*mib, 64); err == nil {
		t.Error("more arrays than an entry can name")
	}
}

func TestConfigErrors(t *testing.T) {
	ok := Level{Bytes: 4096, Ways: 4}
	for name, c := range map[string]Config{
		"no levels":         {},
		"line":              {Line: 48, Levels: []Level{ok}},
		"cores":             {Cores: -1, Levels: []Level{ok}},
		"no lines":          {Levels: []Level{{Bytes: 32}}},
		"ways":              {Levels: []Level{{Bytes: 4096, Ways: 5}}},
		"tree of 17":        {Levels: []Level{{Bytes: 17 * 64, Ways: 17, Policy: TreePLRU}}},
		"QLRU of 65":        {Levels: []Level{{Bytes: 65 * 64, Ways: 65, Policy: QLRUH11M1R0U0}}},
		"policy":            {Levels: []Level{{Bytes: 4096, Policy: 99}}},
		"victim L1":         {Levels: []Level{{Bytes: 4096, Fill: Victim}}},
		"fill":              {Levels: []Level{ok, {Bytes: 4096, Fill: 9}}},
		"index":             {Levels: []Level{{Bytes: 4096, Index: 9}}},
		"order":             {Levels: []Level{{Level: 2, Bytes: 4096}, {Level: 2, Bytes: 4096}}},
		"sharing":           {Cores: 8, Levels: []Level{{Bytes: 4096, Cores: 2}, {Bytes: 4096, Cores: 3}}},
		"inclusive victims": {Levels: []Level{ok, {Bytes: 8192, Fill: Victim}, {Bytes: 16384, Fill: Inclusive}}},
		"huge":              {Levels: []Level{{Bytes: 1 << 40}}},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: simulated", name)
		}
	}
}

func TestResetAndEmpty(t *testing.T) {
	s := machine(t, full(8))
	walk(s.Core(0), 0, 8)
	s.ResetCounts()
	walk(s.Core(0), 0, 8)
	c := s.Summary().Levels[0].Total
	want(t, "warm misses", c.Misses, 0)
	want(t, "warm hits", c.Hits, 8)
	s.Empty()
	walk(s.Core(0), 7*64, 1) // the last line, as before
	c = s.Summary().Levels[0].Total
	want(t, "misses after emptying", c.Misses, 1)
	want(t, "compulsory", c.Kinds.Compulsory, 1)
}

func TestRun(t *testing.T) {
	a, b := machine(t, full(8)), machine(t, full(8))
	a.Core(0).Run([]Access{{0, 8, LoadAccess}, {64, 8, StoreAccess}, {128, 64, StorePastAccess}, {192, 1, PrefetchAccess}})
	c := b.Core(0)
	c.Load(0, 8)
	c.Store(64, 8)
	c.StorePast(128, 64)
	c.Prefetch(192, 1)
	if !reflect.DeepEqual(a.Summary(), b.Summary()) || a.Summary().Levels[0].Total.Prefetches != 1 {
		t.Errorf("%+v\n%+v", a.Summary(), b.Summary())
	}
}
