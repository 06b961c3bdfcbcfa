package roofline

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/stats"
)

// document is a valid result with a placed run, a run without an interval and a warning.
func document(t testing.TB) *Result {
	t.Helper()
	res := NewResult(Machine{Fingerprint: "f"})
	res.Ceilings = ceilings()
	placed, short := run("matmul", 1e9, 1e-2, 1e9, 0, 3e7), run("dot", 1e6, 1e-3, 1e7)
	placed.Time.Samples, placed.Time.N = []float64{0.01, 0.011, 0.009}, 3
	short.Time.Lo, short.Time.Hi, short.Time.N = math.NaN(), math.NaN(), 2
	for _, r := range []*Run{&placed, &short} {
		Place(r, res.Ceilings)
		res.Runs = append(res.Runs, *r)
	}
	res.Warnings = []Warning{{About: short.ID(), Text: "few samples"}}
	if err := res.Validate(); err != nil {
		t.Fatal(err)
	}
	return res
}

func encode(t testing.TB, res *Result) []byte {
	t.Helper()
	data, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	data := encode(t, document(t))
	back, err := Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if again := encode(t, back); !bytes.Equal(data, again) {
		t.Errorf("a round trip changes the document:\n%s\n%s", data, again)
	}
	if tm := back.Runs[0].Time; tm.Unit != "s" || !reflect.DeepEqual(tm.Samples, []float64{0.01, 0.011, 0.009}) || tm.Batch != 1 || tm.Median != 1e-2 {
		t.Errorf("timing lost something: %+v", tm)
	}
	if back.Runs[1].Time.Known() {
		t.Error("an unknown interval became known")
	}
	if c := back.Runs[0].Counts[perf.BytesL2]; len(c) != 1 || c[0].Quality != perf.Missing || c[0].Reason != "test" {
		t.Errorf("the missing count was dropped: %+v", c)
	}
}

// The keys that scripts rely on.
func TestContract(t *testing.T) {
	var doc struct {
		Schema string
		Runs   []struct {
			Time   map[string]any
			Counts map[string][]map[string]any
			Points []map[string]any
			Bound  map[string]any
		}
	}
	if err := json.Unmarshal(encode(t, document(t)), &doc); err != nil {
		t.Fatal(err)
	}
	r := doc.Runs[1]
	if doc.Schema != "roofline/result/v1" || r.Time["unit"] != "s" || r.Time["median"] != 1e-3 || r.Time["n"] != 2.0 {
		t.Errorf("schema %q, time %v", doc.Schema, r.Time)
	}
	for _, key := range []string{"lo", "hi"} {
		if v, ok := r.Time[key]; !ok || v != nil {
			t.Errorf("unknown bound %s is %v, want null", key, v)
		}
	}
	if r.Points[0]["level"] != "L1" || r.Points[0]["ai"] != 0.1 || r.Points[0]["flops_per_s"] != 1e9 {
		t.Errorf("point %v", r.Points[0])
	}
	if l2 := doc.Runs[0].Counts["bytes.L2"][0]; l2["quality"] != "missing" || l2["value"] != nil {
		t.Errorf("missing count %v", l2)
	}
	for _, key := range []string{"by", "attainable", "fraction", "why", "advice"} {
		if r.Bound[key] == nil {
			t.Errorf("bound without %s: %v", key, r.Bound)
		}
	}
}

// What is unknown of the environment is left out, also of documents that say -1.
func TestUnknownEnvironment(t *testing.T) {
	for text, want := range map[string]string{
		`"steal_share":-1,"load_average":-1`:    `"memory_bytes":0}`,
		`"numa_nodes":0`:                        `"memory_bytes":0}`,
		`"steal_share":0,"load_average":0.25`:   `"memory_bytes":0,"steal_share":0,"load_average":0.25}`,
		`"steal_share":null,"load_average":0`:   `"memory_bytes":0,"load_average":0}`,
		`"steal_share":0.001,"load_average":-1`: `"memory_bytes":0,"steal_share":0.001}`,
	} {
		res, err := Unmarshal([]byte(`{"schema":"roofline/result/v1","time":"2026-11-26T08:22:09Z","machine":{"environment":{` + text + `}}}`))
		if err != nil {
			t.Fatal(err)
		}
		if data := string(encode(t, res)); !strings.Contains(data, want) {
			t.Errorf("%s was written as %s", text, data)
		}
	}
}

func TestEmptyListsAreNotNull(t *testing.T) {
	res := NewResult(Machine{})
	res.Runs = []Run{run("dot", 1, 1)}
	data := string(encode(t, res))
	for _, part := range []string{`"ceilings":[]`, `"warnings":[]`, `"points":[]`, `"samples":[]`, `"caches":[]`, `"quality":[]`} {
		if !strings.Contains(data, part) {
			t.Errorf("no %s in %s", part, data)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	whole := string(encode(t, document(t)))
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "empty"},
		{"blank", " \n", "empty"},
		{"no JSON", "kernel,time\nmatmul,3", "not JSON at offset 1"},
		{"broken inside", strings.Replace(whole, `"runs":[`, `"runs":[;`, 1), "not JSON at offset"},
		{"binary", "\x89PNG\r\n", "not JSON at offset 1"},
		{"no object", "[1,2]", "is a JSON array"},
		{"other document", `{"name":"x"}`, `schema is "", want "roofline/result/v1"`},
		{"other version", `{"schema":"roofline/result/v2"}`, `read result: schema is "roofline/result/v2", want "roofline/result/v1" (read it with`},
		{"two documents", whole + "\n" + whole, "more text after the document"},
		{"wrong type", `{"schema":"roofline/result/v1","runs":3}`, "field runs: number stands where an array is wanted"},
		{"wrong type within", `{"schema":"roofline/result/v1","runs":[{"time":{"median":"fast"}}]}`, "field runs.time.median: string stands where a number is wanted"},
		{"wrong type of the environment", `{"schema":"roofline/result/v1","machine":{"environment":{"smt":3}}}`, "field machine.environment.smt: number stands where true or false is wanted"},
		{"part of a thread", `{"schema":"roofline/result/v1","runs":[{"threads":1.5}]}`, "threads: number 1.5 stands where a whole number is wanted"},
		{"no time", `{"schema":"roofline/result/v1"}`, "time"},
		{"bad count", strings.Replace(whole, `"quality":"missing"`, `"quality":"guessed"`, 1), "guessed"},
	} {
		if _, err := Decode(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
	for cut := 1; cut < len(whole); cut++ {
		if _, err := Decode(strings.NewReader(whole[:cut])); err == nil || !strings.Contains(err.Error(), "truncated") {
			t.Fatalf("cut at %d: %v; want \"truncated\"", cut, err)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*Result)
		want  string
	}{
		{"run twice", func(r *Result) { r.Runs = append(r.Runs, r.Runs[0]) }, "run matmul/avx512/f32"},
		{"ceiling twice", func(r *Result) { r.Ceilings = append(r.Ceilings, r.Ceilings[3]) }, "bandwidth.load.L1 for 1 thread stands twice"},
		{"ceiling 0", func(r *Result) { r.Ceilings[0].Value.Median = 0 }, "not a positive number"},
		{"ceiling kind", func(r *Result) { r.Ceilings[0].Kind = "speed" }, "unknown kind"},
		{"infinite time", func(r *Result) { r.Runs[0].Time.Median = math.Inf(1) }, "not a positive number"},
		{"NaN time", func(r *Result) { r.Runs[0].Time.Median = math.NaN() }, "not a positive number"},
		{"outside", func(r *Result) { r.Runs[0].Time.Estimate = stats.Estimate{Median: 1, Lo: 2, Hi: 3, N: 3} }, "outside its interval"},
		{"one bound", func(r *Result) { r.Runs[0].Time.Hi = math.NaN() }, "one bound"},
		{"samples", func(r *Result) { r.Runs[0].Time.N = 4 }, "n is 4, but there are 3"},
		{"ai", func(r *Result) { r.Runs[0].Points[0].AI *= 1.001 }, "the counts give"},
		{"perf", func(r *Result) { r.Runs[0].Points[0].Perf *= 1.001 }, "counts and time give"},
		{"point of a missing count", func(r *Result) { r.Runs[0].Points[0].Level = "L2" }, "without a count of bytes.L2"},
		{"fraction", func(r *Result) { r.Runs[0].Bound.Fraction = 0.9 }, "is not the performance"},
		{"missing with a value", func(r *Result) { r.Runs[0].Counts[perf.BytesL2][0].Value = 3 }, "no value"},
		{"threads", func(r *Result) { r.Runs[0].Threads = 0 }, "0 threads"},
	} {
		res := document(t)
		c.spoil(res)
		if err := res.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, document(f)))
	f.Add([]byte(`{"schema":"roofline/result/v1","time":"2026-01-02T03:04:05Z","runs":[{"counts":{"flops":[null]},"points":[{}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := Unmarshal(data)
		if err != nil {
			return
		}
		again, err := Unmarshal(encode(t, res))
		if err != nil {
			t.Fatalf("what was decoded cannot be decoded again: %v", err)
		}
		for i := range again.Runs {
			Place(&again.Runs[i], again.Ceilings) // must not panic on any valid document
		}
	})
}

// Lists that nothing fills are empty, not null.
func TestEmptyListsOfAGap(t *testing.T) {
	data, err := json.Marshal(&Analysis{Gap: &Gap{}})
	if err != nil || strings.Contains(string(data), "null") || !strings.Contains(string(data), `"resources":[]`) {
		t.Errorf("%s, %v", data, err)
	}
}
