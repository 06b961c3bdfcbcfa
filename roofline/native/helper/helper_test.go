package helper

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/cachedir"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/native"
)

// helperPath is built once for all tests.
var helperPath string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "helper")
	if err != nil {
		panic(err)
	}
	os.Setenv(cachedir.Env, dir)
	os.Unsetenv(Env) // nobody else's helper is tested
	testkit.HideProgram("roofline-native")
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func helper(t *testing.T) string {
	t.Helper()
	testkit.NeedSelf(t)
	if helperPath == "" {
		noted := 0
		path, err := Find(t.Context(), func(string) { noted++ })
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Find(t.Context(), func(string) { noted++ }); err != nil || again != path || noted != 1 {
			t.Fatalf("found %s, then %s, %v, said so %d times (want once)", path, again, err, noted)
		}
		helperPath = path
	}
	return helperPath
}

// object compiles a C file.
func object(t *testing.T, source string, flags ...string) string {
	t.Helper()
	return testkit.SharedObject(t, "libk.so", source, flags...)
}

func request(t *testing.T, object, function, as string) native.Request {
	t.Helper()
	s, err := native.Parse(as)
	if err != nil {
		t.Fatal(err)
	}
	return native.Request{Object: object, Function: function, Signature: s, Threads: 1, Budget: 20 * time.Millisecond, First: true, Sources: native.DefaultSources}
}

// A function that is named as a struct, and a struct that is named as a function, are told apart before either is touched.
func TestFunctionsAndStructs(t *testing.T) {
	faults := object(t, "testdata/faults.c")
	spmv := object(t, "../../../docs/examples/spmv.c", "-lm")
	for _, c := range []struct{ object, function, as, want string }{
		{faults, "right", "struct:7", "right is a function, and --as struct takes a variable"},
		{spmv, "spmv", "dot:7", "spmv is a variable, not a function (declare it as: float spmv(long n, const float *x, const float *y); not static, in C++ extern \"C\"; a struct roofline_kernel is called by --as struct:SHAPE)"},
	} {
		_, err := Run(t.Context(), helper(t), request(t, c.object, c.function, c.as), DefaultLimits)
		f := (*Failure)(nil)
		if !errors.As(err, &f) || f.Kind != Refused || !strings.Contains(f.Text, c.want) {
			t.Errorf("%s as %s: %v, want %q", c.function, c.as, err, c.want)
		}
	}
}

// What is wrong with a kernel that describes itself is said by its own words: nobody else has a reference.
func TestStructsThatAreWrong(t *testing.T) {
	obj := object(t, "testdata/structs.c")
	for name, c := range map[string]struct {
		kind Kind
		want string
	}{
		"no_state":          {Refused, "setup returned NULL"},
		"less_than_nothing": {Refused, "flops is -1"},
		"wrong":             {Wrong, "the largest error is 0.5 against the reference of its own verify function, the tolerance 0.25"},
		"not_compared":      {Wrong, "verify returned 7"},
		"nothing_said":      {Wrong, "verify set neither error nor tolerance"},
	} {
		_, err := Run(t.Context(), helper(t), request(t, obj, name, "struct:7"), DefaultLimits)
		f := (*Failure)(nil)
		if !errors.As(err, &f) || f.Kind != c.kind || !strings.Contains(f.Text, c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestFailuresSayWhatHappenedWhere(t *testing.T) {
	obj := object(t, "testdata/faults.c")
	for _, c := range []struct {
		function string
		kind     Kind
		phase    native.Phase
		want     []string
	}{
		{"runs_over", Crashed, native.Verifying, []string{"SIGSEGV", "bytes behind the end of C", "runs_over", "faults.c:"}},
		{"null", Crashed, native.Verifying, []string{"SIGSEGV", "near NULL", "null+"}},
		{"far_beyond", Crashed, native.Verifying, []string{"SIGSEGV", "aligned", "far_beyond+"}},
		{"illegal", Crashed, native.Verifying, []string{"SIG", "illegal+"}},
		{"aborts", Crashed, native.Verifying, []string{"SIGABRT", "assertion failed: never"}},
		{"exits", Ended, native.Verifying, []string{"exit code 0", "bye"}},
		{"hangs", Hung, native.Verifying, []string{"--time-limit"}},
		{"forks", Ended, native.Verifying, []string{"exit code 0"}},
		{"greedy", Crashed, native.Verifying, []string{"SIGABRT"}},
		{"one_off", Wrong, native.Verifying, []string{"1 of 63 elements", "C[3][5]", "tolerance"}},
		{"unwritten", Wrong, native.Verifying, []string{"9 of 63 elements", "C[6][0] = NaN (not written?)"}},
		{"writes_behind", Wrong, native.Verifying, []string{"byte 0 behind the end of C"}},
		{"writes_input", Wrong, native.Verifying, []string{"the input A was changed"}},
		{"garbles", Ended, native.Verifying, []string{"garbled", "file descriptor 3"}},
		{"late_crash", Crashed, native.Verifying, []string{"near NULL", "late_crash+"}},
		{"absent", Refused, native.Loading, []string{"absent", "declare it as: void absent(const float *A"}},
		{"constants", Refused, native.Loading, []string{"constants is a variable, not a function", "declare it as: void constants(const float *A"}},
	} {
		t.Run(c.function, func(t *testing.T) {
			f := (*Failure)(nil)
			run := func(wall time.Duration) {
				t.Helper()
				_, err := Run(t.Context(), helper(t), request(t, obj, c.function, "matmul:7x9x5"), Limits{Wall: wall, Memory: 8 << 30})
				if !errors.As(err, &f) {
					t.Fatalf("%v, want a failure", err)
				}
			}
			if c.kind != Hung {
				run(60 * time.Second)
			} else if run(2 * time.Second); f.Phase == native.Loading { // the machine is busy
				run(30 * time.Second)
			}
			if f.Kind != c.kind || c.function != "late_crash" && f.Phase != c.phase {
				t.Errorf("%s in phase %q, want %s in %q", f.Kind, f.Phase, c.kind, c.phase)
			}
			for _, w := range c.want {
				if !strings.Contains(f.Block(), w) {
					t.Errorf("no %q in\n%s", w, f.Block())
				}
			}
		})
	}
}

func TestRightFunctionIsMeasured(t *testing.T) {
	obj := object(t, "testdata/faults.c")
	for _, function := range []string{"right", "loud"} {
		o, err := Run(t.Context(), helper(t), request(t, obj, function, "matmul:7x9x5"), DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		r := o.Run
		if r.ID() != "matmul/"+function+"/f32 7x9x5" || r.FLOPs() != 2*7*9*5 || len(r.Time.Samples) == 0 || r.Memory.AllocsPerCall >= 1 {
			t.Errorf("%s: %d samples, %g FLOPs, %g allocations", r.ID(), len(r.Time.Samples), r.FLOPs(), r.Memory.AllocsPerCall)
		}
		if c, _ := r.Count(perf.FLOPs); c.Source == perf.SourceInstrumented && r.ISA != "scalar" && r.ISA != "sse" && !strings.HasPrefix(r.ISA, "avx") {
			t.Errorf("%s: instruction set %q, though its instructions were counted", r.ID(), r.ISA)
		}
		if !(r.Verified.Tolerance > 0) || !(r.Verified.MaxError <= r.Verified.Tolerance) {
			t.Errorf("verified: %+v", r.Verified)
		}
	}
}

// Every signature calls the example function of the documentation as it is declared there, and finds its result right.
func TestExamplesOfEverySignature(t *testing.T) {
	obj := object(t, "../../../docs/examples/signatures.c", "-lm")
	seen := map[string]bool{}
	for _, c := range []struct {
		function, as string
		flops        float64
	}{
		{"my_sgemm", "sgemm:17x19x23", 2 * 17 * 19 * 23},
		{"my_dgemm", "dgemm:17x19x23", 2 * 17 * 19 * 23},
		{"matmul_f32", "matmul:8x33x5", 2 * 8 * 33 * 5},
		{"matmul_f64", "matmul/f64:8x33x5", 2 * 8 * 33 * 5},
		{"matmul_f16", "matmul/f16:8x33x5", 2 * 8 * 33 * 5},
		{"matmul_bf16", "matmul/bf16:8x33x65", 2 * 8 * 33 * 65},
		{"matmul_int8", "matmul/int8:8x33x65", 2 * 8 * 33 * 65},
		{"attention", "attention:h=2,q=9,kv=12,d=8", 4 * 8 * 2 * 9 * 12},
		{"attention", "attention:h=2,q=3,kv=5,d=8,causal", 4 * 8 * 2 * (3 + 4 + 5)},
		{"axpy_f32", "axpy:1001", 2002}, {"axpy_f64", "axpy/f64:1001", 2002},
		{"triad_f32", "triad:1001", 2002}, {"triad_f64", "triad/f64:1001", 2002},
		{"dot_f32", "dot:1001", 2002}, {"dot_f64", "dot/f64:1001", 2002},
		{"copy_f32", "copy:1001", 0}, {"copy_f64", "copy/f64:1001", 0},
	} {
		o, err := Run(t.Context(), helper(t), request(t, obj, c.function, c.as), DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", c.as, err)
			continue
		}
		checkCounts(t, c.as, o.Run, c.flops)
		name, _, _ := strings.Cut(c.as, ":")
		base, _, _ := strings.Cut(name, "/")
		seen[base] = true
	}
	for _, name := range native.Names() {
		if !seen[name] && name != "struct" {
			t.Errorf("no example of %s", name)
		}
	}
}

// checkCounts checks the declared FLOPs, and on amd64 those that were executed: as many in plain loops, a few more where the
// example has more to do per element (alpha and beta, softmax), and at least the compulsory bytes.
func checkCounts(t *testing.T, as string, run roofline.Run, flops float64) {
	t.Helper()
	declared, executed := -1.0, -1.0
	for _, c := range run.Counts[perf.FLOPs] {
		switch c.Source {
		case perf.SourceAnalytic:
			declared = c.Value
		case perf.SourceInstrumented:
			if executed = c.Value; c.Quality == perf.Missing {
				executed = -1
				if runtime.GOARCH == "amd64" && run.DType != "int8" {
					t.Errorf("%s: not counted: %s", as, c.Reason)
				}
			}
		}
	}
	if declared != flops {
		t.Errorf("%s: %g FLOPs declared, want %g", as, declared, flops)
	}
	more := 1.0
	if run.Kernel == "attention" || strings.HasPrefix(as, "sgemm") || strings.HasPrefix(as, "dgemm") {
		more = 1.3
	}
	if executed >= 0 && (executed < flops || executed > more*flops) {
		t.Errorf("%s: %g FLOPs executed, %g declared", as, executed, flops)
	}
}

func TestExampleOfAStruct(t *testing.T) {
	obj := object(t, "../../../docs/examples/spmv.c", "-lm")
	for _, threads := range []int{1, 2} {
		req := request(t, obj, "spmv", "struct:1000")
		req.Threads = threads
		o, err := Run(t.Context(), helper(t), req, DefaultLimits)
		if err != nil {
			if threads > 1 && strings.Contains(err.Error(), "usable here") {
				t.Skip(err)
			}
			t.Fatal(err)
		}
		checkCounts(t, "struct", o.Run, 2*16*1000)
		if o.Run.Kernel != "spmv" || o.Run.DType != "f64" || o.Run.FLOPs() != 2*16*1000 || o.Run.Shape.N != 1000 || o.Run.Threads != threads {
			t.Errorf("%s: %g FLOPs", o.Run.ID(), o.Run.FLOPs())
		}
	}
	if _, err := Run(t.Context(), helper(t), request(t, obj, "spmv", "struct:10x10"), DefaultLimits); err == nil || !strings.Contains(err.Error(), "setup returned NULL") {
		t.Errorf("sizes that the object refuses: %v", err)
	}
}

func TestWhatCannotBeLoaded(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.so")
	if err := os.WriteFile(text, []byte("not an object"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{text: "shared object", filepath.Join(dir, "none.so"): "no such file"} {
		_, err := Run(t.Context(), helper(t), request(t, path, "f", "dot:8"), DefaultLimits)
		if f := (*Failure)(nil); !errors.As(err, &f) || f.Kind != Refused || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestInterruptEndsTheProcess(t *testing.T) {
	obj := object(t, "testdata/faults.c")
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	path := helper(t)
	time.AfterFunc(500*time.Millisecond, func() { cancel(stop) })
	if _, err := Run(ctx, path, request(t, obj, "hangs", "matmul:7x9x5"), DefaultLimits); !errors.Is(err, stop) {
		t.Errorf("%v, want the cause of the interruption", err)
	}
}

func TestFindSaysHowToGetAHelper(t *testing.T) {
	t.Setenv(Env, filepath.Join(t.TempDir(), "none"))
	if _, err := Find(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "go build") {
		t.Errorf("%v", err)
	}
	t.Setenv(Env, "")
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "go install "+module) {
		t.Errorf("without a go command: %v", err)
	}
}

// A program that is no helper is an error of the installation, not of the object.
func TestNotAHelper(t *testing.T) {
	_, err := Run(t.Context(), "/bin/true", request(t, "x", "f", "dot:8"), DefaultLimits)
	if f := (*Failure)(nil); err == nil || errors.As(err, &f) || !strings.Contains(err.Error(), "start helper") {
		t.Errorf("%v", err)
	}
}
