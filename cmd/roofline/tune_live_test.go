package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// transcript is what a running loop has printed so far.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (tr *transcript) Write(b []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.Write(b)
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.String()
}

// flat undoes the wrapping of lines.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// editor plays the user: it saves a new version of the source whenever the loop waits for one, and returns what was printed
// about it.
type editor struct {
	t      *testing.T
	source string
	out    transcript
	done   chan int
	read   int
}

// waits waits until the loop waits for a change, or ends, and returns what it has printed since the last time.
func (e *editor) waits() string {
	e.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		text := e.out.String()[e.read:]
		if strings.Contains(text, "waiting for a change") {
			e.read += len(text)
			return text
		}
		select {
		case code := <-e.done:
			e.done <- code
			text := e.out.String()[e.read:]
			e.read += len(text)
			return text
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			e.t.Fatalf("the loop neither waits nor ends:\n%s", e.out.String())
		}
	}
}

func (e *editor) saves(content []byte) string {
	e.t.Helper()
	if err := os.WriteFile(e.source, content, 0o644); err != nil {
		e.t.Fatal(err)
	}
	return e.waits()
}

// begin starts a loop on a source with a first content.
func begin(ctx context.Context, t *testing.T, source string, first []byte, args ...string) *editor {
	t.Helper()
	if err := os.WriteFile(source, first, 0o644); err != nil {
		t.Fatal(err)
	}
	e := &editor{t: t, source: source, done: make(chan int, 1)}
	go func() {
		e.done <- run(ctx, &e.out, io.MultiWriter(&e.out), append([]string{"tune", "--no-progress"}, args...))
	}()
	return e
}

// A C kernel is tuned in three steps, each of which is found faster, explained and logged; then it crashes, hangs, is wrong
// and does not compile, and the loop goes on; at last a good version is back.
func TestTuneACKernel(t *testing.T) {
	if testing.Short() {
		t.Skip("compares versions for half a minute")
	}
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	useHelper(t)
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join("testdata/tune", name+".c"))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	versions := map[string][]byte{}
	for _, name := range []string{"naive", "blocked", "avx512", "crashing", "hanging", "wrong", "broken"} {
		versions[name] = read(name)
	}
	storeCeilings(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	e := begin(ctx, t, "k.c", versions["naive"], "--watch", "k.c", "--build", "gcc -O3 -g -shared -fPIC -o libk.so k.c",
		"--object", "libk.so", "--function", "my_sgemm", "--as", "sgemm:144x130x150", "--quick", "--pairs", "12", "--time-limit", "10s")
	for _, step := range []struct {
		version string
		want    []string
	}{
		{"naive", []string{"session my_sgemm-", "#1 my_sgemm: ", "FLOP/s", "% of ", "error ", "wrote roofline-out/tune-"}},
		{"blocked", []string{"changed: k.c", "#2 my_sgemm: ", "against #1: faster", "bound by", "<== the best so far"}},
		{"avx512", []string{"#3 my_sgemm: ", "against #2: faster", "fewer L1 bytes", "<== the best so far"}},
		{"crashing", []string{"#4 crashed while verifying", "SIGSEGV", "behind the end", "my_sgemm", "k.c:"}},
		{"hanging", []string{"#5 hung while verifying", "no answer within 10s", "--time-limit"}},
		{"wrong", []string{"#6 wrong result", "the tolerance", "first C[0][0] = "}},
		{"broken", []string{"#7 build failed: gcc", "k.c:1"}},
		{"naive", []string{"#8 my_sgemm: ", "against #3: slower"}},
		{"avx512", []string{"#9 is byte for byte #3"}},
	} {
		var text string
		if step.version == "naive" && e.read == 0 {
			text = e.waits()
		} else {
			text = e.saves(versions[step.version])
		}
		for _, w := range step.want {
			if !strings.Contains(flat(text), w) {
				t.Errorf("%s: no %q in\n%s", step.version, w, text)
			}
		}
	}
	interrupt()
	if code := <-e.done; code != exitDone {
		t.Errorf("after Ctrl-C: exit code %d", code)
	}
	summary := e.out.String()[e.read:]
	if !strings.Contains(summary, "best: #3") {
		t.Errorf("no summary in\n%s", summary)
	}
	_, name, _ := strings.Cut(e.out.String(), "session ")
	name, _, _ = strings.Cut(name, "\n")
	checkTuneSession(t, name)
}

// checkTuneSession checks what the loop left behind: four measurements with their comparisons, three notes of failures, a log
// that people can read and a chart.
func checkTuneSession(t *testing.T, name string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("roofline-out/sessions", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	compared := 0
	for line := range strings.Lines(string(data)) {
		var r struct {
			Kind, Note string
			Compare    struct {
				Comparisons []struct{ Verdict struct{ Outcome string } }
			}
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		kinds[r.Kind]++
		compared += len(r.Compare.Comparisons)
	}
	if kinds["tune"] != 4 || kinds["note"] != 4 || kinds["start"] != 1 || compared != 3 {
		t.Errorf("the session has %v and %d comparisons, want 4 of tune, 4 notes, 1 start and 3 comparisons", kinds, compared)
	}
	code, log, stderr := invoke(t, "session", "log", name)
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, w := range []string{"matmul/f32 144x130x150", "×", "iteration 4: crashed", "iteration 5: hung", "iteration 6: wrong result", "iteration 7: build failed"} {
		if !strings.Contains(log, w) {
			t.Errorf("no %q in\n%s", w, log)
		}
	}
	if !regexp.MustCompile(`(?m)^ +8 `).MatchString(log) { // the number that the loop has printed
		t.Errorf("no step 8 in\n%s", log)
	}
	if st, err := os.Stat("roofline-out/tune-" + name + ".png"); err != nil || st.Size() == 0 {
		t.Errorf("no chart: %v", err)
	}
	if code, text, _ := invoke(t, "session", "log"); code == exitDone {
		t.Errorf("the session that the loop began is still under way:\n%s", text)
	}
}

// --once compares with what an earlier run of the program has kept.
func TestTuneOnceRemembers(t *testing.T) {
	useHelper(t)
	slow, err := os.ReadFile("testdata/tune/naive.c")
	if err != nil {
		t.Fatal(err)
	}
	storeCeilings(t)
	if code, _, stderr := invoke(t, "session", "start", "mine"); code != exitDone {
		t.Fatal(stderr)
	}
	once := func(flags string) string {
		t.Helper()
		if err := os.WriteFile("k.c", slow, 0o644); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := invoke(t, "tune", "--once", "--build", "gcc "+flags+" -shared -fPIC -o libk.so k.c", "--object", "libk.so",
			"--function", "my_sgemm", "--as", "sgemm:48x48x48", "--quick", "--no-progress")
		if code != exitDone {
			t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
		}
		return stdout
	}
	if text := once("-O0"); !strings.Contains(text, "#1 my_sgemm") || strings.Contains(text, "against") {
		t.Errorf("%s", text)
	}
	if text := once("-O2"); !strings.Contains(text, "#2 my_sgemm") || !strings.Contains(text, "against #1: faster") {
		t.Errorf("%s", text)
	}
	if text := once("-O2"); !strings.Contains(text, "#3 is byte for byte #2") {
		t.Errorf("%s", text)
	}
	code, stdout, stderr := invoke(t, "tune", "--once", "--build", "exit 3", "--object", "libk.so", "--function", "my_sgemm", "--as", "sgemm:48x48x48", "--no-progress")
	if code != exitFailed || !strings.Contains(stdout, "#4 build failed") || !strings.Contains(stderr, "#4 build failed: exit 3") {
		t.Errorf("a script does not see that the build failed: exit code %d\n%s%s", code, stdout, stderr)
	}
	if code, text, _ := invoke(t, "session", "log"); code != exitDone || !strings.Contains(text, "matmul/f32 48x48x48") {
		t.Errorf("the user's session does not go on:\n%s", text)
	}
}

// prototype is how my_sgemm is called at 48x48x48 for whoever does not know that it is a product.
const prototype = "i32=101, i32=111, i32=111, i32=48, i32=48, i32=48, f32=1, f32[48*48], i32=48, f32[48*48], i32=48, f32=0, f32[48*48], i32=48"

// A described function is tuned like a known one, and is called by its name and its object's, not by those of the kept copies.
func TestTuneDescribed(t *testing.T) {
	source, err := filepath.Abs("testdata/tune/naive.c")
	if err != nil {
		t.Fatal(err)
	}
	testkit.NeedSelf(t)
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	if _, err := exec.LookPath("gcc"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	storeCeilings(t)
	for n, flag := range []string{"-O0", "-O2"} {
		code, stdout, stderr := invoke(t, "tune", "--once", "--build", "gcc "+flag+" -shared -fPIC -o libk.so "+source, "--object", "libk.so",
			"--function", "my_sgemm", "--signature", prototype, "--quick", "--no-progress")
		if code != exitDone || !strings.Contains(stdout, fmt.Sprintf("#%d my_sgemm: ", n+1)) || n > 0 && !strings.Contains(stdout, "faster") {
			t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
		}
	}
	if _, text, _ := invoke(t, "session", "log", "my_sgemm"); strings.Count(text, " libk.so ") != 2 {
		t.Errorf("the session has not two steps of libk.so:\n%s", text)
	}
}

// A Go benchmark is tuned the same way, and its failures do not end the loop.
func TestTuneABenchmark(t *testing.T) {
	if testing.Short() {
		t.Skip("compares versions for half a minute")
	}
	storeCeilings(t)
	source := func(body string) []byte {
		return []byte("package p\n\nimport \"testing\"\n\nvar sink float64\n\nfunc BenchmarkSum(b *testing.B) {\n\tx := make([]float64, 4096)\n" +
			"\tfor b.Loop() {\n" + body + "\n\t}\n\tb.ReportMetric(4096, \"FLOP/op\")\n}\n")
	}
	if err := os.WriteFile("go.mod", []byte("module example.com/p\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	slow, fast := "for range 400 { for _, v := range x { sink += v } }", "s := 0.0; for _, v := range x { s += v }; sink = s"
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	e := begin(ctx, t, "p_test.go", source(slow), "--bench", ".BenchmarkSum", "--quick", "--pairs", "12", "--iterations", "4")
	for i, step := range []struct {
		body string
		want []string
	}{
		{slow, []string{"tuning BenchmarkSum", "#1 BenchmarkSum: ", "FLOP/s"}},
		{"_ = x; panic(1)", []string{"changed: ", "#2 run BenchmarkSum", "panic: 1"}},
		{"nonsense", []string{"#3 build failed: go test -c", "undefined: nonsense"}},
		{fast, []string{"#4 BenchmarkSum: ", "against #1: faster", "<== the best so far", "best: #4"}},
	} {
		text := ""
		if i == 0 {
			text = e.waits()
		} else {
			text = e.saves(source(step.body))
		}
		for _, w := range step.want {
			if !strings.Contains(flat(text), w) {
				t.Errorf("%s: no %q in\n%s", step.body, w, text)
			}
		}
	}
	if code := <-e.done; code != exitDone {
		t.Errorf("exit code %d", code)
	}
}
