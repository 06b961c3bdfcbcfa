package top

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/pprof/profile"
)

// block is the recording of a transformer block, 100 ns long: attention 60 (two matmuls of 20 within), mlp 40.
var block = []Event{
	{ID: 3, Parent: 1, Name: "matmul", Start: 0, End: 20, FLOPs: 400, Bytes: 40},
	{ID: 4, Parent: 1, Name: "matmul", Start: 30, End: 50, FLOPs: 400, Bytes: 40},
	{ID: 1, Name: "attention", Start: 0, End: 60, FLOPs: 100, Allocs: 2},
	{ID: 2, Name: "mlp", Start: 60, End: 100, FLOPs: 1100, Bytes: 20},
}

func TestTree(t *testing.T) {
	root := Tree(block)
	if root.Total != 100 || root.AllFLOPs() != 2000 || len(root.Children) != 2 {
		t.Fatalf("%+v", root)
	}
	a, m := root.Children[0], root.Children[1]
	if a.Name != "attention" || a.Total != 60 || a.Self() != 20 || a.AllFLOPs() != 900 || a.FLOPs != 100 || a.Allocs != 2 {
		t.Errorf("attention: %+v", a)
	}
	if m.Name != "mlp" || m.Self() != 40 {
		t.Errorf("mlp: %+v", m)
	}
	if mm := a.Children[0]; mm.Calls != 2 || mm.Total != 40 || mm.AllBytes() != 80 {
		t.Errorf("matmul: %+v", mm)
	}
	if r := Tree([]Event{{ID: 5, Parent: 99, Name: "orphan", End: 1}, {ID: 6, Parent: 6, Name: "self", End: 1}, {ID: 7, Parent: 8, Name: "x", End: 1}, {ID: 8, Parent: 7, Name: "y", End: 1}}); len(r.Children) == 0 {
		t.Error("orphans and circles are lost")
	}
}

func TestText(t *testing.T) {
	var b strings.Builder
	if err := WriteText(&b, Tree(block), func(ai float64) float64 { return 30e9 }); err != nil {
		t.Fatal(err)
	}
	// attention: 900 FLOPs in 60 ns are 15 GFLOP/s, half of the roof; 45 % of 2000 FLOPs, 80 % of 100 bytes
	for _, part := range []string{"60 %", "15.0 GFLOP/s", "45 %", "80 %", "50 %", "  attention\n", "    matmul\n", "  mlp\n"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %q in\n%s", part, b.String())
		}
	}
	b.Reset()
	if err := WriteText(&b, Tree(nil), nil); err != nil || !strings.Contains(b.String(), "no operation") {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestRecorder(t *testing.T) {
	var buf bytes.Buffer
	r := NewRecorder(&buf)
	outer := r.Start("outer")
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 100 {
				op := outer.Start(fmt.Sprintf("inner%d", i))
				op.Done(Work{FLOPs: 2, Bytes: 3})
				op.Done(Work{FLOPs: 1e9}) // has no effect
			}
		})
	}
	wg.Wait()
	if err := r.Flush(); err == nil || !strings.Contains(err.Error(), "1 of them") {
		t.Errorf("an operation under way: %v", err)
	}
	sink = make([]byte, 1<<20)
	outer.Done(Work{})
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	events, bad, err := Read(bytes.NewReader(append(buf.Bytes(), `{"id":7,"na`...)))
	if err != nil || bad != 1 || len(events) != 401 {
		t.Fatalf("%d events, %d bad, %v", len(events), bad, err)
	}
	root := Tree(events)
	if len(root.Children) != 1 || len(root.Children[0].Children) != 4 || root.AllFLOPs() != 800 || root.AllBytes() != 1200 || root.Children[0].Allocs == 0 {
		t.Errorf("%+v", root.Children[0])
	}
}

// Processes of one program append to the same file: no line is torn, and every operation is within that of its own process.
func TestSeveralProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "top.jsonl")
	const calls = 3000 // more than a buffer holds
	var recorders []*Recorder
	for pid := range 2 {
		r, err := open(path, 4194303-pid)
		if err != nil {
			t.Fatal(err)
		}
		recorders = append(recorders, r)
	}
	for range calls {
		for i, r := range recorders {
			outer := r.Start(fmt.Sprintf("outer%d", i))
			outer.Start(fmt.Sprintf("inner%d", i)).Done(Work{FLOPs: 1})
			outer.Done(Work{})
		}
	}
	for _, r := range recorders {
		if err := r.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, bad, err := Read(f)
	if err != nil || bad != 0 || len(events) != 4*calls {
		t.Fatalf("%d operations, %d damaged lines, %v", len(events), bad, err)
	}
	root := Tree(events)
	if len(root.Children) != 2 {
		t.Fatalf("%d paths at the top, want 2", len(root.Children))
	}
	for _, n := range root.Children {
		if want := strings.Replace(n.Name, "outer", "inner", 1); n.Calls != calls || len(n.Children) != 1 || n.Children[0].Name != want || n.Children[0].Calls != calls {
			t.Errorf("%s: %d calls, within it %d paths", n.Name, n.Calls, len(n.Children))
		}
	}
}

var sink []byte

func TestNothingIsRecorded(t *testing.T) {
	if os.Getenv(Env) != "" {
		t.Skip("runs under roofline top")
	}
	if n := testing.AllocsPerRun(100, func() { Start("x").Start("y").Done(Work{}) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
	if err := Flush(); err != nil {
		t.Error(err)
	}
}

func TestPprof(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := WritePprof(f, Tree(block)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.ParseData(data)
	if err != nil {
		t.Fatal(err)
	}
	var sum [4]int64
	for _, s := range p.Sample {
		for i, v := range s.Value {
			sum[i] += v
		}
	}
	if sum != [4]int64{100, 2000, 100, 4} {
		t.Errorf("sums %v of time, FLOPs, bytes and calls", sum)
	}
	out, err := exec.Command("go", "tool", "pprof", "-sample_index=flops", "-top", path).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "mlp") || !strings.Contains(string(out), "55.00%") { // 1100 of 2000
		t.Errorf("go tool pprof: %v\n%s", err, out)
	}
}

func TestTrace(t *testing.T) {
	parallel := append(block[:len(block):len(block)], Event{ID: 9, Name: "beside", Start: 10, End: 70})
	var b bytes.Buffer
	if err := WriteTrace(&b, parallel); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		TraceEvents []struct {
			Name    string
			Ph      string
			Ts, Dur float64
			Tid     int
			Args    map[string]float64
		}
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil || len(doc.TraceEvents) != 5 {
		t.Fatalf("%v\n%s", err, b.String())
	}
	lane := map[string]int{}
	for _, e := range doc.TraceEvents {
		lane[e.Name] = e.Tid
		if e.Name == "mlp" && (e.Ph != "X" || e.Ts != 0.06 || math.Abs(e.Dur-0.04) > 1e-12 || math.Abs(e.Args["gflop_per_s"]-27.5) > 1e-9) {
			t.Errorf("%+v", e)
		}
	}
	if lane["attention"] != lane["matmul"] || lane["attention"] != lane["mlp"] || lane["beside"] == lane["attention"] {
		t.Errorf("lanes %v", lane)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id":1,"name":"a","start":0,"end":5,"flops":3}` + "\n"))
	f.Add([]byte(`{"id":1,"parent":2,"name":"a","end":5}` + "\n" + `{"id":2,"parent":1,"name":"b","end":5}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		events, _, err := Read(bytes.NewReader(data))
		if err != nil || len(events) > 200 {
			return
		}
		root := Tree(events)
		if err := WriteText(&bytes.Buffer{}, root, func(float64) float64 { return 1 }); err != nil {
			t.Fatal(err)
		}
		if err := WriteTrace(&bytes.Buffer{}, events); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkOperation(b *testing.B) {
	r := NewRecorder(&bytes.Buffer{})
	for b.Loop() {
		r.Start("x").Done(Work{FLOPs: 1})
	}

}
