package perf_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/perftest"
)

func TestCountJSON(t *testing.T) {
	tests := []struct {
		count perf.Count
		json  string
	}{
		{perf.Count{Value: 12, Source: "pmu", Quality: perf.Exact}, `{"value":12,"source":"pmu","quality":"exact"}`},
		{perf.Count{Value: 0, Source: "os", Quality: perf.Exact}, `{"value":0,"source":"os","quality":"exact"}`},
		{perf.Count{Value: 8, Source: "pmu", Quality: perf.Scaled, Running: 0.5}, `{"value":8,"source":"pmu","quality":"scaled","running":0.5}`},
		{perf.Count{Value: 8, Source: "pmu", Quality: perf.Exact, Note: "without tiles"}, `{"value":8,"source":"pmu","quality":"exact","note":"without tiles"}`},
		{perf.NotCounted("pmu", "no PMU"), `{"source":"pmu","quality":"missing","reason":"no PMU"}`},
		{perf.NotCounted("pmu", ""), `{"source":"pmu","quality":"missing","reason":"no reason was given"}`},
	}
	for _, tt := range tests {
		b, err := json.Marshal(tt.count)
		if err != nil || string(b) != tt.json {
			t.Errorf("marshal %+v = %s, %v, want %s", tt.count, b, err, tt.json)
		}
		var back perf.Count
		if err := json.Unmarshal([]byte(tt.json), &back); err != nil || back != tt.count {
			t.Errorf("unmarshal %s = %+v, %v, want %+v", tt.json, back, err, tt.count)
		}
	}
}

func TestCountRefused(t *testing.T) {
	for _, c := range []perf.Count{
		{},
		{Value: 1, Source: "pmu"},
		{Value: 1, Source: "pmu", Quality: "guessed"},
		{Value: 1, Quality: perf.Exact},
		{Value: 1, Source: "pmu", Quality: perf.Missing, Reason: "x"},
		{Source: "pmu", Quality: perf.Missing},
		{Value: 1, Source: "pmu", Quality: perf.Exact, Reason: "x"},
		{Value: 1, Source: "pmu", Quality: perf.Exact, Running: 1},
		{Value: 1, Source: "pmu", Quality: perf.Scaled},
		{Value: 1, Source: "pmu", Quality: perf.Scaled, Running: 1},
		{Value: math.NaN(), Source: "pmu", Quality: perf.Exact},
		{Value: math.Inf(1), Source: "pmu", Quality: perf.Exact},
	} {
		if b, err := json.Marshal(c); err == nil {
			t.Errorf("marshal %+v = %s, want an error", c, b)
		}
	}
	for _, s := range []string{
		`{"source":"pmu","quality":"exact"}`,                                           // no value
		`{"value":0,"source":"pmu","quality":"missing","reason":"x"}`,                  // missing, but with a value
		`{"value":null,"source":"pmu","quality":"exact"}`,                              // null is no value
		`{"source":"pmu","quality":"missing"}`,                                         // no reason
		`{"value":1,"quality":"exact"}`,                                                // no source
		`{"value":1,"source":"pmu","quality":"fine"}`,                                  // unknown quality
		`{"value":1,"source":"pmu","quality":"scaled","running":1.5}`,                  // not a share
		`{"value":1,"source":"pmu","quality":"exact","reason":"no idea"}`,              // a reason to be missing
		`{"value":"1","source":"pmu","quality":"exact"}`, `[]`, `{`, `null`, `"exact"`, // other types
	} {
		c := perf.Count{Value: 7, Source: "kept"}
		if err := json.Unmarshal([]byte(s), &c); err == nil {
			t.Errorf("unmarshal %s = %+v, want an error", s, c)
		}
		if c.Value != 7 || c.Source != "kept" {
			t.Errorf("unmarshal %s changed the target to %+v", s, c)
		}
	}
}

func FuzzCountJSON(f *testing.F) {
	f.Add(`{"value":12,"source":"pmu","quality":"exact"}`)
	f.Add(`{"value":8,"source":"pmu","quality":"scaled","running":0.5}`)
	f.Add(`{"source":"pmu","quality":"missing","reason":"no PMU"}`)
	f.Fuzz(func(t *testing.T, s string) {
		var c perf.Count
		if json.Unmarshal([]byte(s), &c) != nil {
			return
		}
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("%q was read as %+v, which cannot be written: %v", s, c, err)
		}
		if got := strings.Contains(string(b), `"value":`); got == (c.Quality == perf.Missing) {
			t.Fatalf("%s: value written = %t", b, got)
		}
		var back perf.Count
		if err := json.Unmarshal(b, &back); err != nil || back != c {
			t.Fatalf("%q → %+v → %s → %+v, %v", s, c, b, back, err)
		}
	})
}

func TestAnalytic(t *testing.T) {
	w := &perftest.Workload{Name: "w", Decl: map[perf.Quantity]float64{perf.FLOPs: 2e9, perf.BytesDRAM: 0, perf.Cycles: math.NaN()}}
	counts, err := perf.AnalyticSource{}.Count(t.Context(), w, []perf.Quantity{perf.FLOPs, perf.BytesDRAM, perf.Cycles, perf.MissesL2})
	if err != nil {
		t.Fatal(err)
	}
	if c := counts[perf.FLOPs]; c != (perf.Count{Value: 2e9, Source: perf.SourceAnalytic, Quality: perf.Analytic}) {
		t.Errorf("flops: %+v", c)
	}
	if c := counts[perf.BytesDRAM]; c.Quality != perf.Analytic || c.Value != 0 {
		t.Errorf("a declared 0 is a count, got %+v", c)
	}
	for _, q := range []perf.Quantity{perf.Cycles, perf.MissesL2} {
		if c := counts[q]; c.Quality != perf.Missing || c.Reason == "" {
			t.Errorf("%s: %+v, want missing with a reason", q, c)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (perf.AnalyticSource{}).Count(cancelled, w, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// explained knows why one quantity is not declared.
type explained struct{ perftest.Workload }

func (*explained) WhyNotDeclared(q perf.Quantity) string {
	if q == perf.BytesL3 {
		return "it fits in L2"
	}
	return ""
}

func TestAnalyticExplains(t *testing.T) {
	counts, err := perf.AnalyticSource{}.Count(t.Context(), &explained{}, []perf.Quantity{perf.BytesL3, perf.Cycles})
	if err != nil {
		t.Fatal(err)
	}
	if got := counts[perf.BytesL3].Reason; got != "it fits in L2" {
		t.Errorf("bytes.L3: %q", got)
	}
	if got := counts[perf.Cycles].Reason; got == "" {
		t.Error("cycles: no reason")
	}
}

func TestMerge(t *testing.T) {
	exact := func(s perf.SourceName, v float64) perf.Count {
		return perf.Count{Value: v, Source: s, Quality: perf.Exact}
	}
	gone := func(s perf.SourceName) perf.Count { return perf.NotCounted(s, "no") }
	got := perf.Choice{Sources: []perf.SourceName{"a", "b"}, Explicit: true}.Merge("",
		map[perf.Quantity]perf.Count{"x": exact("z", 0), "y": gone("z")},
		map[perf.Quantity]perf.Count{"x": exact("b", 1), "only": gone("b")},
		map[perf.Quantity]perf.Count{"x": gone("a"), "y": exact("a", 2)},
		map[perf.Quantity]perf.Count{"x": exact("a", 3), "y": gone("b")},
	)
	want := map[perf.Quantity][]perf.Count{
		"x":    {exact("a", 3), exact("b", 1), exact("z", 0), gone("a")},
		"y":    {exact("a", 2), gone("b"), gone("z")},
		"only": {gone("b")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := (perf.Choice{Explicit: true}).Merge(""); len(got) != 0 {
		t.Errorf("nothing merged: %v", got)
	}
}

func TestFakeSource(t *testing.T) {
	calls := make([]int, 2)
	w := &perftest.Workload{Name: "w", N: 2, Work: func(i int) { calls[i]++ }}
	s := perftest.Values(perf.SourcePMU, map[perf.Quantity]float64{perf.Cycles: 5})
	s.RunN = 3
	counts, err := s.Count(t.Context(), w, []perf.Quantity{perf.Cycles, perf.FLOPs})
	if err != nil || counts[perf.Cycles].Value != 5 || counts[perf.FLOPs].Quality != perf.Missing || counts[perf.FLOPs].Source != perf.SourcePMU {
		t.Errorf("counts %v, %v", counts, err)
	}
	if calls[0] != 3 || calls[1] != 3 || !reflect.DeepEqual(s.Asked(), []string{"w"}) {
		t.Errorf("calls %v, asked %v", calls, s.Asked())
	}
	s.Err = errors.New("broken")
	if _, err := s.Count(t.Context(), w, nil); !errors.Is(err, s.Err) {
		t.Errorf("error %v", err)
	}
}

func TestAllMissing(t *testing.T) {
	want := []perf.Quantity{perf.FLOPs, perf.Cycles}
	counts := perf.AllMissing("pmu", want, "no PMU")
	if len(counts) != len(want) {
		t.Errorf("counts %v", counts)
	}
	for _, q := range want {
		if counts[q] != perf.NotCounted("pmu", "no PMU") {
			t.Errorf("%s: %+v", q, counts[q])
		}
	}
}
