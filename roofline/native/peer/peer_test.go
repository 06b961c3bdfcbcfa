package peer

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/helper"
)

// helperPath is built once for all tests.
var helperPath string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "peer")
	if err != nil {
		panic(err)
	}
	os.Setenv(cachedir.Env, dir)
	os.Unsetenv(helper.Env) // nobody else's helper is tested
	testkit.HideProgram("roofline-native")
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func program(t *testing.T) string {
	t.Helper()
	testkit.NeedSelf(t)
	if helperPath == "" {
		path, err := helper.Find(t.Context(), func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		helperPath = path
	}
	return helperPath
}

// opened opens one library, or fails.
func opened(t *testing.T, threads int, texts ...string) []*Library {
	t.Helper()
	var specs []Spec
	for _, text := range texts {
		s, err := ParseSpec(text)
		if err != nil {
			t.Fatal(err)
		}
		specs = append(specs, s)
	}
	list, err := Open(program(t), specs, threads)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// fakeBLAS compiles the library in testdata, with functions left out if wanted.
func fakeBLAS(t *testing.T, flags ...string) string {
	t.Helper()
	return testkit.SharedObject(t, "libfake.so.0", "testdata/fakeblas.c", flags...)
}

func sized(t *testing.T, op string, d kernels.DType, size string) native.Problem {
	t.Helper()
	s, err := shape.Parse(op, size)
	if err != nil {
		t.Fatal(err)
	}
	return native.Problem{Op: op, DType: d, Shape: s}
}

func build(t *testing.T, l *Library, d kernels.DType, size string) (*instance, error) {
	t.Helper()
	s := sized(t, "matmul", d, size).Shape
	k, err := l.Kernel("matmul", d, s).Build(s, l.threads)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { k.(*instance).Close() })
	return k.(*instance), nil
}

// The library's own choice is slow, the fastest kernel wrong, others crash: what is measured is the fastest right one.
func TestBestRightKernelIsChosen(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2)) // kernels are tried that the processor can have
	l := opened(t, 1, "openblas="+fakeBLAS(t))[0]
	if l.Variant != "openblas" || l.Version != "OpenBLAS 9.8.7 fake threads=1" {
		t.Errorf("%+v", l)
	}
	in, err := build(t, l, kernels.F32, "67x129x43")
	if err != nil {
		t.Fatal(err)
	}
	var run roofline.Run
	in.Describe(&run)
	if p := run.Peer; p.Kernel != "Haswell" || !slices.Equal(p.Environment, []string{"OPENBLAS_CORETYPE=Haswell"}) || p.Function != "cblas_sgemm" {
		t.Errorf("chosen: %+v", p)
	}
	if notes := strings.Join(l.Notes(), "\n"); !strings.Contains(notes, "OPENBLAS_CORETYPE=Zen cblas_sgemm computes a wrong matmul of f32 at 67x129x43: error") {
		t.Errorf("notes %q", notes)
	}
	before := len(l.Notes())
	if again, err := build(t, l, kernels.F32, "67x129x43"); err != nil || again.way.String() != in.way.String() || len(l.Notes()) != before {
		t.Errorf("the second time: %v, %v", again, err)
	}
}

// A kernel that is named and not used is not passed over in silence.
func TestUnheededKernelIsNoted(t *testing.T) {
	lib := fakeBLAS(t)
	for kernel, want := range map[string]string{"Nehalem": "kernel Nehalem is named for openblas, which says that it uses SkylakeX", "haswell": "", "7": ""} {
		l := opened(t, 1, "openblas="+lib+"@"+kernel)[0]
		for range 2 {
			l.noteUnheeded(map[string]string{"Nehalem": "SkylakeX", "haswell": "Haswell", "7": "zen2"}[kernel])
		}
		if got := strings.Join(l.Notes(), "\n"); got != want {
			t.Errorf("%s: %q, want %q", kernel, got, want)
		}
	}
	l := opened(t, 1, "openblas="+lib+"@Nehalem")[0]
	if _, err := build(t, l, kernels.F32, "8x8x8"); err != nil || len(l.Notes()) != 1 {
		t.Errorf("%v, notes %q", err, l.Notes())
	}
}

func TestWrongResultIsRefused(t *testing.T) {
	l := opened(t, 1, "openblas="+fakeBLAS(t)+"@Zen")[0]
	_, err := build(t, l, kernels.F32, "8x8x8")
	if err == nil || !strings.Contains(err.Error(), "computes a wrong matmul of f32 at 8x8x8") {
		t.Errorf("%v", err)
	}
}

// A library that crashes is reported, and the rest goes on; what a library does not export is not tried.
func TestCrashIsReportedAndTheRestGoesOn(t *testing.T) {
	lib := fakeBLAS(t)
	list := opened(t, 1, "openblas="+lib+"@Crash", "openblas="+lib+"@Haswell")
	s := shape.Shape{M: 16, N: 24, K: 32}
	found, err := kernels.Find("matmul/naive/f32")
	if err != nil {
		t.Fatal(err)
	}
	items := []measure.Item{{Kernel: found[0], Shape: s}}
	items = append(items, Items(list, items)...)
	if k := list[1].Kernel("matmul", kernels.F64, s); k != nil {
		t.Errorf("%s: the library exports no cblas_dgemm", k.ID())
	}
	res, err := measure.Run(t.Context(), measure.Plan{Items: items, Threads: 1, Budget: 100 * time.Millisecond, Elastic: true, Sources: []perf.Source{perf.AnalyticSource{}}}, nil)
	var ids []string
	for _, r := range res.Runs {
		ids = append(ids, r.ID())
	}
	if want := []string{"matmul/naive/f32 16x24x32", "matmul/openblas-9.8.7-Haswell/f32 16x24x32"}; !slices.Equal(ids, want) {
		t.Errorf("runs %v, want %v", ids, want)
	}
	failure := (*helper.Failure)(nil)
	if !errors.As(err, &failure) || failure.Kind != helper.Crashed || !strings.Contains(failure.Text, "SIGSEGV") || !strings.Contains(failure.Text, "cblas_sgemm") {
		t.Errorf("%v: want that it crashed, and where", err)
	}
	if res.Runs[1].Verified.MaxError > res.Runs[1].Verified.Tolerance || res.Runs[1].Peer.Kernel != "Haswell" || res.Runs[1].FLOPs() != 2*16*24*32 {
		t.Errorf("%+v", res.Runs[1])
	}
}

// libxsmm takes matrices by columns and everything through pointers. Its one call runs on one thread, so that it is no peer of more.
func TestXSMM(t *testing.T) {
	file := testkit.SharedObject(t, "libxsmm.so.2", "testdata/fakexsmm.c")
	l := opened(t, 1, "libxsmm="+file+"@hsw")[0]
	for _, d := range []kernels.DType{kernels.F32, kernels.F64} {
		in, err := build(t, l, d, "5x19x12")
		if err != nil {
			t.Errorf("%s: %v", d, err)
			continue
		}
		if v, err := in.Verify(); err != nil || !(v.MaxError <= v.Tolerance) || in.opened.Kernel != "hsw" {
			t.Errorf("%s: %+v, %v, kernel %s", d, v, err, in.opened.Kernel)
		}
	}
	l.threads = 2
	if k := l.Kernel("matmul", kernels.F32, shape.Shape{M: 8, N: 8, K: 8}); k != nil {
		t.Error("libxsmm runs on two threads")
	}
}

// Version 3 of oneDNN passes descriptors as handles and has other attributes; what is composed of its primitives is right there, too.
func TestAttentionByVersion3OfOneDNN(t *testing.T) {
	file := testkit.SharedObject(t, "libdnnl.so.3", "testdata/fakednnl.c", "-lm")
	l := opened(t, 1, "onednn="+file)[0]
	if l.Version != "3.9.1 0123456" {
		t.Errorf("version %q", l.Version)
	}
	for _, c := range []struct {
		op, size string
		ways     int
	}{{"attention", "h=2,q=70,kv=70,d=16", 3}, {"attention", "h=2,q=70,kv=75,d=16,causal", 3}, {"decode", "h=3,kv=77,d=24", 2}} {
		for factor, d := range []kernels.DType{kernels.F32, kernels.BF16} {
			p := sized(t, c.op, d, c.size)
			list := l.kind.ways(p, "")
			if len(list) != c.ways*(factor+1) {
				t.Errorf("%s of %s at %s: %v", c.op, d, c.size, list)
			}
			for _, w := range list {
				in, err := l.open(w, p)
				if err != nil && p.Shape.Causal && runtime.GOARCH != "amd64" {
					continue // nothing masks scores there
				}
				if err != nil {
					t.Errorf("%s of %s at %s, %s: %v", c.op, d, c.size, w, err)
					continue
				}
				if v, err := in.Verify(); err != nil || !(v.MaxError <= v.Tolerance) || in.opened.Kernel != "fake:matmul + fake:softmax" {
					t.Errorf("%s of %s at %s, %s: %+v, %v, kernel %s", c.op, d, c.size, w, v, err, in.opened.Kernel)
				}
				in.Close()
			}
		}
	}
}

// Between its turns a process with several threads is held, and answers all the same when it is its turn.
func TestHeldProcessAnswers(t *testing.T) {
	cpus, err := cpu.Affinity()
	if err != nil || len(cpus) < 2 {
		testkit.SkipUnsupported(t, testkit.MissingTool("a second CPU"))
	}
	l := opened(t, 2, "openblas="+fakeBLAS(t)+"@Haswell")[0]
	if !strings.HasSuffix(l.Version, "threads=2") {
		t.Errorf("version %q", l.Version)
	}
	in, err := build(t, l, kernels.F32, "32x32x32")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if b, err := in.Time(10); err != nil || b.Took <= 0 {
			t.Fatalf("%+v, %v", b, err)
		}
	}
	if state := stateOf(t, in); state != "T" {
		t.Errorf("the process is in state %s, want T (stopped)", state)
	}
}

func TestMissingLibrary(t *testing.T) {
	_, err := Open(program(t), []Spec{{Name: "blis", File: filepath.Join(t.TempDir(), "libblis.so.4")}}, 1)
	missing := (*MissingError)(nil)
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "no such file") || !strings.Contains(err.Error(), "blis=/path/to/libblis.so") {
		t.Errorf("%v", err)
	}
	text := filepath.Join(t.TempDir(), "libblis.so")
	if err := os.WriteFile(text, []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err = Open(program(t), []Spec{{Name: "blis", File: text}}, 1); !errors.As(err, &missing) || !strings.Contains(err.Error(), "name a shared object of blis") ||
		strings.Contains(err.Error(), "apt") || strings.Contains(err.Error(), "cc -shared") {
		t.Errorf("%v", err)
	}
	other := testkit.SharedObject(t, "libother.so.0", filepath.Join("testdata", "fakeblas.c"))
	if _, err = Open(program(t), []Spec{{Name: "libxsmm", File: other}}, 1); !errors.As(err, &missing) || !strings.Contains(err.Error(), "exports none of the functions of libxsmm") {
		t.Errorf("a library of another kind: %v", err)
	}
	kinds = append(kinds, &kind{name: "absent", sonames: []string{"libabsent.so.1"}, debian: "libabsent1", calls: "blas"})
	defer func() { kinds = kinds[:len(kinds)-1] }()
	if _, err = Open(program(t), []Spec{{Name: "absent"}}, 1); !errors.As(err, &missing) || !strings.Contains(err.Error(), "libabsent.so.1") || !strings.Contains(err.Error(), "apt install libabsent1") {
		t.Errorf("%v", err)
	}
}

// stateOf is the letter of a process's state in /proc/PID/stat, once it neither runs nor waits.
func stateOf(t *testing.T, in *instance) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		data, err := os.ReadFile(filepath.Join("/proc", in.session.PID(), "stat"))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(data), ") ")
		if state := rest[:1]; state != "R" && state != "S" && state != "D" {
			return state
		}
	}
	return "not stopped"
}
