package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/session"
)

// sharedObject compiles C in the working directory, or skips.
func sharedObject(t *testing.T, source string) string {
	t.Helper()
	testkit.NeedSelf(t)
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	if err := os.WriteFile("k.c", []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.Command(gcc, "-O2", "-shared", "-fPIC", "-o", "libk.so", "k.c").CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, text)
	}
	return "libk.so"
}

func TestMeasureObject(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	storeCeilings(t)
	lib := sharedObject(t, `void scale(float *a, long n) { for (long i = 0; i < n; i++) a[i] = a[i] * 3 - 1; }`)
	measure := func(args ...string) (int, string, string) {
		t.Helper()
		return invoke(t, append([]string{"measure", "--object", lib, "--no-progress", "--time-budget", "50ms", "--source", "instrumented,simulated"}, args...)...)
	}
	code, stdout, stderr := measure("--function", "scale", "--signature", "f32[1000], i64=1000")
	if code != exitDone || !strings.Contains(stdout, "scale libk.so") {
		t.Fatalf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
	res, err := session.ReadDocument("roofline-out/object.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Runs) != 1 || res.Runs[0].FLOPs() != 2000 || res.Runs[0].Object == nil || res.Runs[0].Object.File != lib {
		t.Errorf("runs: %+v", res.Runs)
	}
	for _, file := range []string{"object.png", "object.svg", "report.html", "results.jsonl"} {
		if _, err := os.Stat(filepath.Join("roofline-out", file)); err != nil {
			t.Error(err)
		}
	}

	// A crash is reported, and the document says why there is no run.
	code, _, stderr = measure("--function", "scale", "--signature", "f32[1024], i64=100000")
	if code != exitFailed || !strings.Contains(stderr, "SIGSEGV") || !strings.Contains(stderr, "behind the end of array 1") {
		t.Errorf("crash: exit code %d, %s", code, stderr)
	}
	if res, err := session.ReadDocument("roofline-out/object.json"); err != nil || len(res.Runs) != 0 || len(res.Warnings) == 0 {
		t.Errorf("crash: document %+v, %v", res, err)
	}
	if code, _, stderr = measure("--function", "scales", "--signature", ""); code != exitFailed || !strings.Contains(stderr, "find function scales") {
		t.Errorf("no such function: exit code %d, %s", code, stderr)
	}
}

// A process that runs somebody's tiles has the permission to, when it counts them as when it times them: a product of tiles, the
// result of 32 steps of which 2·16·16·32 operations each are known, and the bytes of its operands.
func TestMeasureObjectWithTiles(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AMXBF16))
	storeCeilings(t)
	lib := sharedObject(t, `#pragma GCC target("amx-tile,amx-bf16")
#include <immintrin.h>
struct { unsigned char palette, start, none[14]; unsigned short bytes[16]; unsigned char rows[16]; } config = {
	1, 0, {0}, {64, 64, 64}, {16, 16, 16}};
void tiles(const short *a, const short *b, float *c) {
	_tile_loadconfig(&config);
	_tile_zero(0);
	for (int i = 0; i < 32; i++) {
		_tile_loadd(1, a + 512 * i, 64);
		_tile_loadd(2, b + 512 * i, 64);
		_tile_dpbf16ps(0, 1, 2);
	}
	_tile_stored(0, c, 64);
	_tile_release();
}`)
	code, stdout, stderr := invoke(t, "measure", "--object", lib, "--function", "tiles", "--signature", "bf16[32*512], bf16[32*512], f32[256]",
		"--source", "instrumented,simulated", "--no-progress", "--time-budget", "50ms")
	if code != exitDone {
		t.Fatalf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
	res, err := session.ReadDocument("roofline-out/object.json")
	if err != nil {
		t.Fatal(err)
	}
	run := res.Runs[0]
	load, _ := run.Count(perf.BytesLoaded)
	store, _ := run.Count(perf.BytesStored)
	if run.FLOPs() != 32*2*16*16*32 || run.DType != "bf16" || load.Value < 32*2*1024 || load.Value > 32*2*1024+200 || store.Value < 1024 || store.Value > 1100 {
		t.Errorf("%g FLOPs of %s, %g bytes loaded, %g stored", run.FLOPs(), run.DType, load.Value, store.Value)
	}
}

// What the object lacks is said before the machine is measured, which takes a minute.
func TestObjectIsReadFirst(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	storeCeilings(t)
	lib := sharedObject(t, `void scale(float *a, long n) { for (long i = 0; i < n; i++) a[i] *= 3; }`)
	t.Setenv("ROOFLINE_CACHE", t.TempDir()) // no ceilings there
	code, _, stderr := invoke(t, "measure", "--object", lib, "--function", "scales", "--signature", "")
	if left, err := filepath.Glob(filepath.Join(os.Getenv("ROOFLINE_CACHE"), "ceilings-*")); code != exitFailed || !strings.Contains(stderr, "find function scales") || !strings.Contains(stderr, "scale") || len(left) > 0 || err != nil {
		t.Errorf("exit code %d, %s; %v in the cache, %v", code, stderr, left, err)
	}
}

func TestMeasureObjectUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("k.so", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"--object k.so", "both its file and its name"},
		{"--object k.so --function f", "how is f called?"},
		{"--function f", "-- CMD"},
		{"--signature i64=1 --function f", "both its file and its name"},
		{"--object k.so --function f --signature i64", "needs its value"},
		{"--object k.so --function f --as sgemm", "sgemm:512x512x512"},
		{"--object k.so --function f --as struct:5", "roofline tune"},
		{"--object k.so --function f --as dot:5 --signature i64=1", "use one of them"},
		{"--object no.so --function f --signature i64=1", "no.so"},
		{"--object k.so --function f --signature i64=1 --threads 2", "one thread"},
		{"--object k.so --function f --signature i64=1 --shape 3x3x3", "--shape"},
		{"--object k.so --function f --signature i64=1 --runs 3", "--runs"},
		{"--object k.so --function f --signature i64=1 matmul", "not both"},
		{"--object k.so --function f --signature i64=1 --time-limit 0s", "--time-limit"},
		{"matmul --time-limit 5s", "--time-budget"},
		{"matmul --as dot:5", "needs both its file and its name"},
	} {
		code, _, stderr := invoke(t, append([]string{"measure"}, strings.Fields(c.args)...)...)
		if code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("measure %s: exit code %d, %s; want %q", c.args, code, stderr, c.want)
		}
	}
}

// Operands that the machine cannot hold are refused before it begins to fill its memory with them.
func TestOperandsThatDoNotFit(t *testing.T) {
	storeCeilings(t)
	lib := sharedObject(t, `void f(void) {}`)
	for _, c := range []struct{ args, want string }{
		{"measure --object LIB --function f --signature f64[2048*64Mi]", "need 1 TiB of memory"},
		{"measure --object LIB --function f --as sgemm:500000x500000x500000", "needs 2.73 TiB of memory"},
		{"compare LIB LIB --function f --as sgemm:500000x500000x500000", "needs 2.73 TiB of memory"},
		{"tune --once --object LIB --function f --as sgemm:500000x500000x500000", "needs 2.73 TiB of memory"},
		{"tune --once --object LIB --function f --signature f64[2048*64Mi]", "need 1 TiB of memory"},
		{"compare matmul/naive/f32 matmul/blocked/f32 --shape 500000x500000x500000", "of memory"},
	} {
		args := strings.Fields(strings.ReplaceAll(c.args, "LIB", lib))
		if code, _, stderr := invoke(t, args...); code != exitUnfit || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, %s; want %q", c.args, code, stderr, c.want)
		}
	}
}

// The command that docs/objects.md has for OpenBLAS's kernel gives the FLOPs that it promises.
func TestDocumentedOpenBLAS(t *testing.T) {
	testkit.SkipRace(t, "simulates in one goroutine")
	text, err := os.ReadFile("../../docs/objects.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?s)roofline (measure --object (\S*openblas\S*) .*?)\n` + "```").FindSubmatch(text)
	if found == nil {
		t.Fatal("docs/objects.md has no such command")
	}
	if _, err := os.Stat(string(found[2])); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("OpenBLAS (Debian's libopenblas0-pthread)"))
	}
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	testkit.NeedSelf(t)
	storeCeilings(t)
	command := strings.ReplaceAll(string(found[1]), "\\\n", " ")
	before, signature, _ := strings.Cut(command, "--signature ")
	args := append(strings.Fields(before), "--signature", strings.Trim(signature, "' \n"), "--no-progress", "--time-budget", "100ms", "--source", "instrumented,simulated")
	if code, stdout, stderr := invoke(t, args...); code != exitDone {
		t.Fatalf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
	res, err := session.ReadDocument("roofline-out/object.json")
	if err != nil {
		t.Fatal(err)
	}
	const want = 2*512*512*512 + 2*512*512
	if got := res.Runs[0].FLOPs(); got != want || !strings.Contains(string(text), "268,959,744") {
		t.Errorf("%.0f FLOPs, want %d", got, want)
	}
	if c := res.Runs[0].Counts[perf.BytesL2]; len(c) == 0 || c[0].Source != perf.SourceSimulated {
		t.Errorf("bytes of L2: %+v", c)
	}
}
