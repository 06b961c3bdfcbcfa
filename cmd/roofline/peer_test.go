package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/session"
)

// fakeBLAS compiles the library that the tests of package peer describe.
func fakeBLAS(t *testing.T) string {
	t.Helper()
	source, err := filepath.Abs("../../roofline/native/peer/testdata/fakeblas.c")
	if err != nil {
		t.Fatal(err)
	}
	return testkit.SharedObject(t, "libfake.so.0", source)
}

// A right library has a row beside ours, of the same work, with what is known of it; a wrong one has none.
func TestMeasurePeer(t *testing.T) {
	lib := fakeBLAS(t)
	useHelper(t)
	storeCeilings(t)
	args := []string{"measure", "matmul/naive/f32", "--shape", "24x24x24", "--time-budget", "1s", "--no-progress", "--source", "analytic"}
	code, stdout, stderr := invoke(t, append(args, "--peer", "openblas="+lib+"@Haswell")...)
	if code != exitDone {
		t.Fatalf("exit code %d, stderr:\n%s", code, stderr)
	}
	for _, want := range []string{"matmul openblas", "Best peer's time ÷ ours", "OpenBLAS 9.8.7 fake threads=1", "cblas_sgemm, kernel Haswell, OPENBLAS_CORETYPE=Haswell: f32 24x24x24"} {
		if !strings.Contains(strings.Join(strings.Fields(stdout), " "), want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	res, err := session.ReadDocument("roofline-out/result.json")
	if err != nil || len(res.Runs) != 2 {
		t.Fatalf("%v, %+v", err, res)
	}
	r := res.Runs[1]
	if r.ID() != "matmul/openblas/f32 24x24x24" || r.Counts[perf.FLOPs][0].Value != 2*24*24*24 || r.Peer == nil || r.Peer.File != lib || len(r.Points) == 0 ||
		!(r.Verified.MaxError <= r.Verified.Tolerance) || r.Verified.Tolerance == 0 {
		t.Errorf("%+v", r)
	}

	code, _, stderr = invoke(t, append(args, "--peer", "openblas="+lib+"@Zen")...)
	if code != exitFailed || !strings.Contains(stderr, "computes a wrong matmul of f32 at 24x24x24") {
		t.Errorf("a wrong library: exit code %d, %s", code, stderr)
	}
	if res, err = session.ReadDocument("roofline-out/result.json"); err != nil || len(res.Runs) != 1 || res.Runs[0].Peer != nil {
		t.Errorf("a wrong library: %v, %+v", err, res.Runs)
	}
}

func TestMeasurePeerRefuses(t *testing.T) {
	lib := fakeBLAS(t)
	useHelper(t)
	storeCeilings(t)
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "no library is called so; use openblas, blis, onednn", []string{"matmul/naive/f32", "--peer", "mkl"}},
		{exitUnfit, "no such file", []string{"matmul/naive/f32", "--peer", "blis=" + filepath.Join(t.TempDir(), "libblis.so")}},
	} {
		code, _, stderr := invoke(t, append([]string{"measure", "--no-progress"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d, want %d; %s", c.args, code, c.code, stderr)
		}
	}
	code, _, stderr := invoke(t, "measure", "--no-progress", "triad/naive/f32", "--peer", "openblas="+lib)
	if code != exitUsage || !strings.Contains(stderr, "no function for triad of f32; `roofline help peers` has") {
		t.Errorf("a peer that computes nothing of what is measured: exit code %d, %s", code, stderr)
	}
}
