package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

// The roof of an operation is the one that a run of its type is placed under: mixes of FMA and ADD do not count.
func TestTopRoof(t *testing.T) {
	roofOf := func(id, kind, op, level string, v float64) roofline.Ceiling {
		return roofline.Ceiling{ID: id, Kind: kind, Op: op, DType: map[string]string{"": "f32"}[level], Level: level, Threads: 1, Value: stats.Estimate{Median: v}}
	}
	list := []roofline.Ceiling{roofOf("compute.fma.avx512.f32", "compute", "fma", "", 100), roofOf("compute.fmaadd.avx512.f32", "compute", "fmaadd", "", 150),
		roofOf("bandwidth.load.DRAM", "bandwidth", "load", "DRAM", 10), roofOf("bandwidth.ntstore.DRAM", "bandwidth", "ntstore", "DRAM", 20), roofOf("bandwidth.load.L2", "bandwidth", "load", "L2", 50)}
	roof, ok := roofUnder(list, "f32", 1)
	if !ok || roof(1000) != 100 || roof(2) != 20 {
		t.Errorf("%t, %g and %g", ok, roof(1000), roof(2))
	}
	if _, ok := roofUnder(list, "f32", 2); ok {
		t.Error("ceilings of another number of threads")
	}
}

func TestTop(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "transformer")
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/roofline-go/roofline/docs/examples/transformer").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	storeCeilings(t)
	code, stdout, stderr := invoke(t, "top", "--", bin, "--tokens", "32", "--layers", "3")
	if code != exitDone {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	for _, part := range []string{"checksum", "  layer\n", "    attention\n", "      softmax\n", "      matmul\n", "    mlp\n", "top.pb.gz"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("no %q in\n%s", part, stdout)
		}
	}
	for _, line := range strings.Split(stdout, "\n") {
		if n := len([]rune(line)); n > 100 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if code, again, _ := invoke(t, "top", "roofline-out/top.jsonl"); code != exitDone || !strings.Contains(again, "softmax") {
		t.Errorf("printed again: exit code %d\n%s", code, again)
	}
	out, err := exec.Command("go", "tool", "pprof", "-sample_index=flops", "-top", "roofline-out/top.pb.gz").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "matmul") {
		t.Errorf("go tool pprof: %v\n%s", err, out)
	}
	before, err := os.ReadFile("roofline-out/top.pb.gz")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("other.json", []byte("{\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := invoke(t, "top", "other.json"); code != exitFailed || !strings.Contains(stderr, "none of its 2 lines is an operation") {
		t.Errorf("a file that is no recording: exit code %d: %s", code, stderr)
	}
	if after, err := os.ReadFile("roofline-out/top.pb.gz"); err != nil || string(after) != string(before) {
		t.Errorf("it replaced the profile: %v", err)
	}
	recording, err := os.ReadFile("roofline-out/top.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for program, want := range map[string]int{"./no-such-program": 127, "./other.json": 126} {
		if code, _, stderr := invoke(t, "top", "--", program); code != want || !strings.Contains(stderr, program) || strings.Contains(stderr, "recorded") {
			t.Errorf("%s, which cannot be started: exit code %d, want %d: %s", program, code, want, stderr)
		}
	}
	if after, err := os.ReadFile("roofline-out/top.jsonl"); err != nil || string(after) != string(recording) {
		t.Errorf("a program that cannot be started removed the recording: %v", err)
	}
	if code, _, stderr := invoke(t, "top", "--", "true"); code != exitFailed || !strings.Contains(stderr, "package top") {
		t.Errorf("a program that marks nothing: exit code %d: %s", code, stderr)
	}
	if code, _, stderr := invoke(t, "top", "4711"); code != exitUsage || !strings.Contains(stderr, "top takes no process, 4711") {
		t.Errorf("a process: exit code %d: %s", code, stderr)
	}
	if code, _, _ := invoke(t, "top"); code != exitUsage {
		t.Errorf("nothing given: exit code %d", code)
	}
}
