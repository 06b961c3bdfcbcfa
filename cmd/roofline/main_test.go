package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/session"
	"github.com/roofline-go/roofline/roofline/stats"
)

// invoke runs the program in-process in an empty directory of its own.
func invoke(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), &out, &errs, args)
	return code, out.String(), errs.String()
}

// storeCeilings gives this machine made-up ceilings, so that tests of the command line need not measure them.
func storeCeilings(t *testing.T) {
	t.Helper()
	t.Setenv("ROOFLINE_CACHE", t.TempDir())
	t.Chdir(t.TempDir())
	host, _, err := machine.Describe()
	if err != nil {
		t.Fatal(err)
	}
	value := func(v float64) stats.Estimate { return stats.Estimate{Median: v, Lo: v, Hi: v, N: 9} }
	var list []roofline.Ceiling
	counts, err := threadCounts(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range counts {
		for _, e := range ceilings.Catalog() {
			c := e.Ceiling
			c.Threads, c.Effort = n, "full"
			switch c.Kind {
			case "compute":
				c.Value = value(1e15)
			case "bandwidth":
				c.Value = value(1e14)
			default:
				c.Value = value(1e-9)
			}
			list = append(list, c)
		}
	}
	if err := ceilings.Save(host.Fingerprint, list); err != nil {
		t.Fatal(err)
	}
}

func TestMeasureWritesEverything(t *testing.T) {
	storeCeilings(t)
	code, stdout, stderr := invoke(t, "measure", "matmul/naive/f32", "triad/naive/f64", "--shape", "24x24x24", "--shape", "4096", "--time-budget", "2s", "--no-progress")
	if code != exitDone {
		t.Fatalf("exit code %d, stderr:\n%s", code, stderr)
	}
	for _, line := range strings.Split(stdout, "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("line of %d columns: %q", n, line)
		}
	}
	for _, f := range []string{"result.json", "results.jsonl", "roofline.png", "roofline.svg"} {
		if st, err := os.Stat(filepath.Join("roofline-out", f)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", f, err)
		}
	}
	res, err := session.ReadDocument("roofline-out/result.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Runs) != 2 {
		t.Fatalf("%d runs, want 2", len(res.Runs))
	}
	if got := res.Runs[0].Counts[perf.FLOPs][0].Value; got != 2*24*24*24 {
		t.Errorf("matmul 24³ counts %v FLOPs, want %v", got, 2*24*24*24)
	}
	records, skipped, err := session.Read("roofline-out/results.jsonl")
	if err != nil || len(skipped) > 0 || len(records) != 1 {
		t.Errorf("store: %d records, skipped %v, %v", len(records), skipped, err)
	}
}

func TestJSONOnStandardOutputIsOnlyJSON(t *testing.T) {
	storeCeilings(t)
	code, stdout, stderr := invoke(t, "measure", "dot/naive/f32", "--shape", "1000", "--time-budget", "1s", "--json", "-")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var res roofline.Result
	dec := json.NewDecoder(strings.NewReader(stdout))
	if err := dec.Decode(&res); err != nil {
		t.Fatalf("standard output is not JSON: %v", err)
	}
	if res.Schema != roofline.Schema || dec.More() {
		t.Errorf("schema %q, more output after it: %v", res.Schema, dec.More())
	}
	if !strings.Contains(stderr, "dot") {
		t.Errorf("the table is not on standard error:\n%s", stderr)
	}
}

func TestTableFormats(t *testing.T) {
	storeCeilings(t)
	code, stdout, stderr := invoke(t, "measure", "copy/naive/f32", "--shape", "1000", "--time-budget", "1s", "--format", "csv,pdf")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll(); err != nil || len(rows) != 2 {
		t.Errorf("CSV has %d rows, want header and 1: %v\n%s", len(rows), err, stdout)
	}
	if head, err := os.ReadFile("roofline-out/roofline.pdf"); err != nil || !bytes.HasPrefix(head, []byte("%PDF")) {
		t.Errorf("no PDF: %v", err)
	}
}

func TestBadInput(t *testing.T) {
	storeCeilings(t)
	for name, text := range map[string]string{
		"foreign.json":  `{"schema":"other/v1"}`,
		"cut.json":      `{"schema":"roofline/result/v1","machine":{"fing`,
		"noise.json":    "\x00\x01\x02",
		"empty.jsonl":   "",
		"file-not-dir":  "x",
		"foreign.jsonl": "{\"schema\":\"other/v1\"}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		args string
		code int
		want []string // each must be in the message
	}{
		{"unknown kernel", "measure matmull", exitUsage, []string{"matmull", "matmul"}},
		{"unknown variant", "measure matmul/avx51", exitUsage, []string{"matmul/avx51", "avx512"}},
		{"unknown command", "mesure", exitUsage, []string{"mesure", "measure"}},
		{"unknown flag", "measure --shap 3", exitUsage, []string{"--shap"}},
		{"flag of another command", "compare a.so b.so --function f --interval 1s", exitUsage, []string{"--interval", "roofline measure"}},
		{"zero shape", "measure matmul --shape 0x4x4", exitUsage, []string{"0x4x4"}},
		{"two shapes in one", "measure matmul --shape 3x4x5,6x7x8", exitUsage, []string{"--shape 3x4x5 --shape 6x7x8"}},
		{"negative shape", "measure matmul --shape -1x4x4", exitUsage, []string{"-1"}},
		{"garbage shape", "measure attention --shape banana", exitUsage, []string{"banana", "h="}},
		{"causal with fewer keys than queries", "measure attention --shape h=1,q=9,kv=4,d=64,causal", exitUsage, []string{"causal"}},
		{"shape that one variant cannot take", "measure decode/avx2/f32 --shape h=1,q=1,kv=4,d=3", exitUsage, []string{"d=3", "naive"}},
		{"shape beyond memory", "measure matmul/naive/f32 --shape 4000000x4000000x4000000", exitUnfit, []string{"memory"}},
		{"unknown dtype", "measure matmul --dtype f33", exitUsage, []string{"f33", "f32"}},
		{"unknown cap", "measure --isa avx3", exitUsage, []string{"avx3", "avx2"}},
		{"kernel above the cap", "measure matmul/avx512/f32 --isa avx2", exitUsage, []string{"avx512", "avx2"}},
		{"unknown source", "measure --source magic", exitUsage, []string{"magic", "analytic"}},
		{"unknown format", "measure --format gif", exitUsage, []string{"gif", "csv"}},
		{"too many threads", "measure --threads 4096", exitUsage, []string{"4096"}},
		{"no thread", "measure --threads 0", exitUsage, []string{"0"}},
		{"negative budget", "measure --time-budget -1s", exitUsage, []string{"-1s"}},
		{"no budget", "measure --time-budget 0", exitUsage, []string{"--time-budget", "positive", "30s"}},
		{"no budget of pairs", "compare matmul/naive/f32 matmul/blocked/f32 --time-budget 0s", exitUsage, []string{"--time-budget", "positive"}},
		{"negative budget of a search", "tune matmul/avx2/f32 --time-budget -1s", exitUsage, []string{"--time-budget", "positive"}},
		{"no limit", "tune --object x.so --function f --as dot:8 --time-limit 0", exitUsage, []string{"--time-limit", "positive"}},
		{"no pairs", "compare --pairs 0 -- true --- true", exitUsage, []string{"--pairs", "positive"}},
		{"no pairs of a loop", "tune --object x.so --function f --as dot:8 --pairs 0", exitUsage, []string{"--pairs", "positive"}},
		{"no iterations", "tune --object x.so --function f --as dot:8 --iterations 0", exitUsage, []string{"--iterations", "positive"}},
		{"no blocks", "disasm matmul/naive/f32 --blocks 0", exitUsage, []string{"--blocks", "positive"}},
		{"no interval", "measure --interval 0 -- true", exitUsage, []string{"--interval", "positive"}},
		{"no time to decide", "compare --decide-within 0s -- true --- true", exitUsage, []string{"--decide-within", "positive"}},
		{"no share of bytes", "compare --gate --gate-bytes 0 -- true --- true", exitUsage, []string{"--gate-bytes", "positive", "0.03"}},
		{"share that is no number", "compare --gate --gate-time 3% -- true --- true", exitUsage, []string{"--gate-time", "it takes a number"}},
		{"completion of an unknown shell", "completion tcsh", exitUsage, []string{"tcsh", "bash", "zsh"}},
		{"completion of two shells", "completion bash zsh", exitUsage, []string{"zsh"}},
		{"budget too small", "measure matmul/naive/f32 --time-budget 1us --no-progress", exitUsage, []string{"time-budget"}},
		{"output is a file", "measure --out file-not-dir", exitFailed, []string{"file-not-dir", "--out"}},
		{"output below a file", "measure --out file-not-dir/x", exitFailed, []string{"file-not-dir", "--out"}},
		{"json is a directory", "measure --json .", exitUsage, []string{"directory", "or - for standard output"}},
		{"json in no directory", "measure --json no/such/dir.json", exitFailed, []string{"no/such", "--json"}},
		{"plot nothing", "plot", exitUsage, []string{"result"}},
		{"plot a missing file", "plot gone.json", exitFailed, []string{"gone.json"}},
		{"plot a foreign file", "plot foreign.json", exitFailed, []string{"foreign.json", "other/v1"}},
		{"plot a cut file", "plot cut.json", exitFailed, []string{"cut.json"}},
		{"plot noise", "plot noise.json", exitFailed, []string{"noise.json"}},
		{"plot an empty store", "plot empty.jsonl", exitFailed, []string{"empty.jsonl"}},
		{"plot a foreign store", "plot foreign.jsonl", exitFailed, []string{"foreign.jsonl"}},
		{"argument to ceilings", "ceilings foo", exitUsage, []string{"foo"}},
		{"argument to doctor", "doctor foo", exitUsage, []string{"foo"}},
		{"two table formats", "measure --format markdown,csv", exitUsage, []string{"markdown", "csv"}},
		{"list what", "list colours", exitUsage, []string{"colours", "kernels"}},
		{"events of what", "list events --uarch zen44", exitUsage, []string{"zen44", "zen4?"}},
		{"events how", "list events --format csv", exitUsage, []string{"csv", "tsv"}},
		{"kernels of a uarch", "list kernels --uarch zen4", exitUsage, []string{"--uarch", "events"}},
		{"quick and full", "ceilings --quick --full", exitUsage, []string{"--quick", "--full"}},
		{"ceilings are no benchmarks", "ceilings --format benchfmt", exitUsage, []string{"benchmarks", "csv"}},
		{"best of an unknown type", "measure matmul/best/f33", exitUsage, []string{"matmul/best/f32"}},
		{"peers of a command", "measure --peer openblas -- true", exitUsage, []string{"--peer"}},
		{"runs of a function", "measure --function f --runs 3 -- true", exitUsage, []string{"--runs", "--function"}},
		{"table of a function", "measure --function f --format csv -- true", exitUsage, []string{"--format", "--function"}},
		{"shape of commands", "compare --shape 4x4x4 -- true --- true", exitUsage, []string{"--shape", "commands"}},
		{"shape of results", "compare foreign.json foreign.json --shape 4x4x4", exitUsage, []string{"--shape", "stored results"}},
		{"function of a kernel", "compare matmul/naive matmul/blocked --function f", exitUsage, []string{"--function", "built-in kernels"}},
		{"type of operations", "top noise.json --dtype f33", exitUsage, []string{"f33", "f32"}},
		{"a command's unknown uarch", "measure --uarch zen44 -- true", exitUsage, []string{"zen44", "zen4"}},
		{"name of a session", "session start a/b", exitUsage, []string{"a/b", "letters"}},
		{"a recording that is none", "top noise.json", exitFailed, []string{"noise.json", "none of its"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := invoke(t, strings.Fields(tt.args)...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if stdout != "" {
				t.Errorf("wrote to standard output: %q", stdout)
			}
			if n := strings.Count(stderr, "\n"); n != 1 {
				t.Errorf("message has %d lines, want 1:\n%s", n, stderr)
			}
			for _, w := range tt.want {
				if !strings.Contains(stderr, w) {
					t.Errorf("message does not name %q: %s", w, stderr)
				}
			}
		})
	}
	if left, _ := filepath.Glob("roofline-out/*.*"); len(left) > 0 {
		t.Errorf("bad input left files behind: %v", left)
	}
}

func TestUnavailableISANamesTheFeature(t *testing.T) {
	storeCeilings(t)
	var missing *kernels.Kernel
	for _, k := range kernels.All() {
		if cpu.Usable(k.ISA) != nil {
			missing = k
		}
	}
	if missing == nil {
		defer cpu.Cap(cpu.Go)()
		missing = find(t, "matmul/avx2/f32")
	}
	code, _, stderr := invoke(t, "measure", missing.ID())
	if code != exitUnfit || !strings.Contains(stderr, string(missing.ISA)) {
		t.Errorf("exit code %d, want %d: %s", code, exitUnfit, stderr)
	}
}

func TestPMUAloneWithoutAPMU(t *testing.T) {
	if ok, _, _ := event.Available(); ok {
		t.Skip("this machine has a PMU")
	}
	storeCeilings(t)
	code, _, stderr := invoke(t, "measure", "matmul/naive/f32", "--source", "pmu")
	if code != exitUnfit || !strings.Contains(stderr, "PMU") {
		t.Errorf("exit code %d, want %d: %s", code, exitUnfit, stderr)
	}
}

func TestBestIsOneKernelPerOperationAndType(t *testing.T) {
	for _, pattern := range []string{"matmul/best", "*/best", "triad/best/f32"} {
		found, err := match(pattern, cpu.AMX)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		seen := map[string]string{}
		for _, k := range found {
			family := k.Op + "/" + string(k.DType)
			if other := seen[family]; other != "" {
				t.Errorf("%s gives %s and %s", pattern, other, k.ID())
			}
			seen[family] = k.ID()
			all, err := kernels.Find(k.Op + "/*/" + string(k.DType))
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range all {
				if usable(o, cpu.AMX) == nil && !o.ISA.Within(k.ISA) {
					t.Errorf("%s gives %s although %s is usable", pattern, k.ID(), o.ID())
				}
			}
		}
	}
}

func find(t *testing.T, id string) *kernels.Kernel {
	t.Helper()
	found, err := kernels.Find(id)
	if err != nil || len(found) != 1 {
		t.Fatalf("find %s: %v", id, err)
	}
	return found[0]
}

func TestListsNameEverything(t *testing.T) {
	code, stdout, _ := invoke(t, "list", "kernels")
	if code != exitDone {
		t.Fatalf("exit code %d", code)
	}
	for _, k := range kernels.All() {
		if !strings.Contains(stdout, k.ID()) {
			t.Errorf("%s is not listed", k.ID())
		}
	}
	_, stdout, _ = invoke(t, "list", "ceilings")
	for _, e := range ceilings.Catalog() {
		if !strings.Contains(stdout, e.ID) {
			t.Errorf("%s is not listed", e.ID)
		}
	}
}

func TestOneThreadPerUsableCPU(t *testing.T) {
	counts, err := threadCounts([]int{1})
	if err != nil {
		t.Fatal(err)
	}
	if counts[0] != 1 || counts[len(counts)-1] != workers.Usable() {
		t.Errorf("thread counts %v, want 1 … %d", counts, workers.Usable())
	}
}
