package ccall

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument"
)

// The test binary is its own child.
const (
	countArg = "-count-object"
	timeArg  = "-time-object"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		serve := map[string]func() error{
			countArg: func() error { return ServeCounts(os.Stdin, os.Stdout) },
			timeArg:  func() error { return ServeTime(context.Background(), os.Stdin, os.Stdout) },
		}[os.Args[1]]
		if serve != nil {
			if err := serve(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		}
	}
	os.Exit(m.Run())
}

// needAMD64 skips where no machine code can be instrumented.
func needAMD64(t testing.TB) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		testkit.SkipUnsupported(t, testkit.MissingTool("an x86-64 processor"))
	}
	testkit.NeedSelf(t)
}

// compile builds the test functions, or skips where there is no gcc.
func compile(t testing.TB, flags ...string) string {
	t.Helper()
	needAMD64(t)
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	out := filepath.Join(t.TempDir(), "kernels.so")
	args := append([]string{"-shared", "-fPIC", "-fno-math-errno", "-o", out, "testdata/kernels.c"}, flags...)
	if text, err := exec.Command(gcc, append(args, "-lm")...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, text)
	}
	return out
}

func child(t testing.TB) instrument.Child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return instrument.Child{Command: []string{self, countArg}}
}

// count counts one call in a child.
func count(t testing.TB, spec Spec) (map[perf.Quantity]perf.Count, error) {
	t.Helper()
	return instrument.Source{Child: child(t)}.Count(t.Context(), portable{spec}, []perf.Quantity{perf.FLOPs})
}

// levels are how the functions are compiled.
var levels = []struct {
	flags []string
	needs cpu.ISA
}{
	{[]string{"-O1"}, cpu.Go},
	{[]string{"-O2", "-mavx2", "-mfma"}, cpu.AVX2},
	{[]string{"-O3", "-mavx2", "-mfma"}, cpu.AVX2},
	{[]string{"-O3", "-march=skylake-avx512", "-mprefer-vector-width=512"}, cpu.AVX512},
}

// Executed operations are those that are written in C, whatever the compiler makes of them.
func TestCounts(t *testing.T) {
	const perCode = 1 + 2 + 1 + 3 + 0 + 1 + 2 + 4
	for i, level := range levels {
		t.Run(strings.Join(level.flags, " "), func(t *testing.T) {
			if testkit.Race && i > 0 {
				t.Skip("one level is enough for the race detector: each function is counted by one thread of a process of its own")
			}
			if level.needs != cpu.Go {
				testkit.SkipUnsupported(t, cpu.Usable(level.needs))
			}
			lib := compile(t, level.flags...)
			for _, k := range []struct {
				function, signature string
				flops               float64
			}{
				{"triad", "f32[1003], f32[1003], f32[1003], f32=1.5, i64=1003", 2 * 1003},
				{"horner", "f64[517], f64[517], i64=517", 10 * 517},
				{"rows", "f32[13*77], f32[77], f32[13]=0, i32=13, i32=77", 13 * (2*77 + 1)},
				{"codes", "i32[1600]=0..7, f64[1600]=1..9, i64=1600", 200 * perCode},
				{"indirect", "i32[100]=0..1, f64[100], i64=100", 50*1 + 50*2},
				{"moves", "u8[3000], u8[1000], i64=1000, i64=2000", 0},
				{"guarded", "f32[50], i64=50", 8 * 50},
				{"chosen", "f32[333], i64=333", 333},
				{"calls_chosen", "f32[333], i64=333", 333},
				{"prints_never", "f32[300], i64=300", 300},
			} {
				counts, err := count(t, Spec{Object: lib, Function: k.function, Signature: k.signature})
				if err != nil {
					t.Errorf("%s: %v", k.function, err)
					continue
				}
				if got := counts[perf.FLOPs]; got.Quality != perf.Exact || got.Value != k.flops {
					t.Errorf("%s: %g FLOPs (%s), want %g", k.function, got.Value, got.Quality, k.flops)
				}
			}
		})
	}
}

// Stand-ins are counted, and functions of the math library.
func TestCountsOfImports(t *testing.T) {
	lib := compile(t, "-O2")
	counts, err := count(t, Spec{Object: lib, Function: "moves", Signature: "u8[3000], u8[1000], i64=1000, i64=2000"})
	if err != nil {
		t.Fatal(err)
	}
	if load, store := counts[perf.BytesLoaded].Value, counts[perf.BytesStored].Value; load < 1000 || load > 1200 || store < 3000 || store > 3200 {
		t.Errorf("%g bytes loaded and %g stored, want 1000 and 3000 and little for the calls", load, store)
	}
	counts, err = count(t, Spec{Object: lib, Function: "exponentials", Signature: "f64[64], f64[64], i64=64"})
	if err != nil {
		t.Fatal(err)
	}
	if n := counts[perf.FLOPs].Value / 64; n < 5 || n > 50 {
		t.Errorf("%g operations per exponential", n)
	}
}

// What cannot be called is refused with the reason, the instruction and a cure.
func TestRefusals(t *testing.T) {
	lib := compile(t, "-O2")
	for _, k := range []struct {
		function, signature string
		want                []string
	}{
		{"prints", "i64=3", []string{refused, "printf", "measure --function NAME -- PROGRAM"}},
		{"uses_variable", "", []string{refused, "stdout"}},
		{"reads_variable", "i64[1]", []string{refused, "stdout"}},
		{"threadlocal", "i64=1", []string{refused, "__tls_get_addr"}},
		{"beyond", "f32[1024], i64=100000", []string{crashed, "SIGSEGV", "behind the end of array 1", "mov", "kernels.so+0x", "beyond+0x"}},
		{"divides", "i32[64]=0, i64=64", []string{crashed, "SIGFPE", "idiv"}},
		{"traps", "i64=1", []string{crashed, "SIGILL (a trap", "ud2"}},
		{"beyond", "i64=0, i64=10", []string{crashed, "near NULL"}},
		{"before", "f32[65536]", []string{crashed, "SIGSEGV", "4 bytes before array 1", "before+0x"}}, // of a size that is timed on a huge page
		{"far_beyond", "f32[1024]", []string{crashed, "SIGSEGV", "aligned", "far_beyond+0x"}},
		{"beyon", "i64=0", []string{"find function", "did you mean beyond"}},
		{"beyond", "i64", []string{"needs its value"}},
	} {
		_, err := count(t, Spec{Object: lib, Function: k.function, Signature: k.signature})
		if err == nil {
			t.Errorf("%s(%s) was counted", k.function, k.signature)
			continue
		}
		for _, want := range k.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s(%s): %v\nwant %q", k.function, k.signature, err, want)
			}
		}
		if !fatal(err) {
			t.Errorf("%s(%s): %v: it would be called again", k.function, k.signature, err)
		}
	}
	if err := errors.New("count f of /home/me/resolve this/load object.so: no answer"); fatal(err) || fatal(nil) {
		t.Errorf("%v: it would not be timed", err)
	}
}

// Arguments arrive where C expects them.
func TestPassing(t *testing.T) {
	needAMD64(t)
	lib := compile(t, "-O2")
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	target, err := load(Spec{Object: lib, Function: "passing",
		Signature: "f64[1]=0, i64=-1, i32=-20, i64=300, f32=0.5, i16=-4000, u32=50000, i8=-6, u8=200, f64=0.25, i64=8000000000"})
	if err != nil {
		t.Fatal(err)
	}
	target.instance.Part(0)
	const want = -1 - 20 + 300 + 0.5 - 4000 + 50000 - 6 + 200 + 0.25 + 8000000000
	if got := elements[float64](target, 0)[0]; got != want {
		t.Errorf("%g, want %g", got, float64(want))
	}
}
