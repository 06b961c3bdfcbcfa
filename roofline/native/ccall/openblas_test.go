package ccall

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/roofline"
)

// elements are the contents of an array.
func elements[T any](t *target, i int) []T {
	data := t.arrays[i]
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/int(unsafe.Sizeof(*new(T))))
}

// openblas finds Debian's library, or skips.
func openblas(t testing.TB) string {
	t.Helper()
	needAMD64(t)
	found, _ := filepath.Glob("/usr/lib/x86_64-linux-gnu/openblas-*/libopenblas.so.0")
	if len(found) == 0 {
		testkit.SkipUnsupported(t, testkit.MissingTool("OpenBLAS (Debian's libopenblas0-pthread)"))
	}
	return found[0]
}

const (
	m, n, k   = 512, 512, 512
	sgemmCall = "i64=512, i64=512, i64=512, f32=1, f32[512*512]=2, f32[512*512]=3, f32[512*512]=1, i64=512"
)

// The kernel that OpenBLAS's sgemm calls on packed panels executes 2mnk operations and 2mn to add the product, scaled by alpha,
// to C; with constant matrices, which look the same however they are packed, C is known. The kernel for Haswell adds up partial
// sums of its own.
func TestOpenBLAS(t *testing.T) {
	lib := openblas(t)
	for _, kernel := range []struct {
		name  string
		needs cpu.ISA
		flops float64
	}{
		{"sgemm_kernel_SKYLAKEX", cpu.AVX512, 2*m*n*k + 2*m*n},
		{"sgemm_kernel_HASWELL", cpu.AVX2, 0},
		{"sgemm_kernel_ZEN", cpu.AVX2, 0},
	} {
		t.Run(kernel.name, func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(kernel.needs))
			spec := Spec{Object: lib, Function: kernel.name, Signature: sgemmCall}
			counts, err := count(t, spec)
			if err != nil {
				t.Fatal(err)
			}
			const least = 2*m*n*k + 2*m*n
			got := counts[perf.FLOPs].Value
			if kernel.flops > 0 && got != kernel.flops || got < least || got > least*1.001 {
				t.Errorf("%.0f FLOPs, want %d, and in all kernels no more than a thousandth beyond it", got, least)
			}
			// The same call here, to see what it computes, once as it is and once as a copy.
			for _, native := range []bool{true, false} {
				checkProduct(t, spec, native)
			}
		})
	}
}

func checkProduct(t *testing.T, spec Spec, native bool) {
	t.Helper()
	target, err := load(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer target.object.Close()
	if native {
		target.instance.Part(0)
	} else {
		text, err := json.Marshal(struct{ Spec []byte }{[]byte("{}")})
		if err != nil {
			t.Fatal(err)
		}
		err = instrument.Serve(strings.NewReader(string(text)), &strings.Builder{}, func([]byte) (*instrument.Subject, error) { return target.subject(), nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, got := range elements[float32](target, 2) {
		if want := float32(1 + k*2*3); got != want {
			t.Fatalf("C[%d] = %g, want %g (native: %v)", i, got, want, native)
		}
	}
}

// The whole way: counts, traffic, time, place; the run is one of a valid document.
func TestMeasure(t *testing.T) {
	lib := compile(t, "-O2")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{
		Count: []string{self, countArg}, Time: []string{self, timeArg}, Budget: 1,
		Sources: []perf.SourceName{perf.SourceInstrumented, perf.SourceSimulated, perf.SourceAnalytic},
	}
	for _, c := range []struct {
		spec     Spec
		id       string
		flops    float64
		verified bool
	}{
		{Spec{lib, "horner", "", "f64[5000], f64[5000], i64=5000"}, "horner/kernels.so/f64 (f64[5000], f64[5000], i64=5000)", 50000, false},
		{Spec{lib, "saxpy", "axpy:3000", ""}, "axpy/saxpy/f32 3000", 6000, true},
	} {
		plan.Spec = c.spec
		res, err := Measure(t.Context(), plan)
		if err != nil {
			t.Errorf("%s: %v", c.id, err)
			continue
		}
		if err := res.Validate(); err != nil {
			t.Errorf("%s: %v", c.id, err)
		}
		run := res.Runs[0]
		if run.ID() != c.id || run.FLOPs() != c.flops || (run.Verified.Against != "") != c.verified {
			t.Errorf("run %q of %g FLOPs, verified against %q; want %q, %g", run.ID(), run.FLOPs(), run.Verified.Against, c.id, c.flops)
		}
		if run.Object == nil || run.Object.Function != c.spec.Function || run.Counts[perf.BytesL1][0].Source != perf.SourceInstrumented {
			t.Errorf("%s: %+v, %+v", c.id, run.Object, run.Counts[perf.BytesL1])
		}
		a := run.Analysis
		if a == nil || len(a.Mix) == 0 || len(a.Blocks) == 0 || len(a.Caches) == 0 {
			t.Fatalf("%s: no detail: %+v", c.id, a)
		}
		executed := 0.0
		for _, m := range a.Mix {
			executed += m.FLOPs
		}
		if executed != c.flops || a.Blocks[0].Function != c.spec.Function || len(a.Blocks[0].Code) == 0 || len(a.Caches[0].Arrays) < 2 {
			t.Errorf("%s: %g FLOPs in the mix; hottest block %+v; L1 %+v", c.id, executed, a.Blocks[0], a.Caches[0])
		}
		if l2, ok := run.Count(roofline.Bytes("L2")); !ok || l2.Quality != perf.Simulated || math.IsNaN(l2.Value) {
			t.Errorf("%s: bytes of L2: %+v", c.id, run.Counts[perf.BytesL2])
		}
	}
	plan.Spec = Spec{lib, "wrong_axpy", "axpy:3000", ""}
	if res, err := Measure(t.Context(), plan); err == nil || !strings.Contains(err.Error(), "3000 of 3000 elements are wrong; first y[0] = ") || len(res.Runs) > 0 {
		t.Errorf("a wrong result was measured: %v", err)
	}
	plan.Spec = Spec{lib, "beyond", "", "f32[1024], i64=100000"}
	if res, err := Measure(t.Context(), plan); err == nil || len(res.Runs) > 0 || len(res.Warnings) == 0 || res.Validate() != nil {
		t.Errorf("a crash: %v, %+v", err, res)
	}
}

// A function that never returns ends with an error that says so, whether it is counted or timed, and the document has it.
func TestMeasureEndsWhatLoops(t *testing.T) {
	lib := compile(t, "-O2")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []perf.SourceName{perf.SourceInstrumented, perf.SourceAnalytic} {
		res, err := Measure(t.Context(), Plan{
			Spec: Spec{lib, "hangs", "", "i64[1]"}, Count: []string{self, countArg}, Time: []string{self, timeArg},
			Budget: 1, Limit: time.Second, Sources: []perf.SourceName{s},
		})
		if err == nil || !strings.Contains(err.Error(), "no answer within 1") || !strings.Contains(err.Error(), "--time-limit") || len(res.Runs) > 0 || len(res.Warnings) == 0 {
			t.Errorf("%s: %v, %+v", s, err, res)
		}
	}
}

// Only the simulation may take too long: it is slower than the function by far. Then what it would count is missing, and the rest is there.
func TestMeasureWithoutSlowSimulation(t *testing.T) {
	lib := compile(t, "-O2")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{
		Spec: Spec{lib, "saxpy", "axpy:3000", ""}, Count: []string{"/bin/sh", "-c", "exec sleep 60"}, Time: []string{self, timeArg},
		Budget: 1, Limit: 2 * time.Second, Sources: []perf.SourceName{perf.SourceSimulated, perf.SourceAnalytic},
	}
	res, err := Measure(t.Context(), plan)
	if err != nil && strings.Contains(err.Error(), "no answer within") { // the machine is busy
		plan.Limit = 30 * time.Second
		res, err = Measure(t.Context(), plan)
	}
	if err != nil || len(res.Runs) != 1 {
		t.Fatalf("%v, %+v", err, res)
	}
	if _, ok := res.Runs[0].Count(roofline.Bytes("L2")); ok || res.Runs[0].Time.Median <= 0 {
		t.Errorf("%+v", res.Runs[0])
	}
}

// Arrays are refused before memory is filled with them.
func TestCheckMemory(t *testing.T) {
	for _, tt := range []struct {
		spec      Spec
		available int64
		fits      bool
	}{
		{Spec{Signature: "f32[1024], f64[1024], i64=1024"}, 12288, true}, {Spec{Signature: "f32[1024], f64[1024], i64=1024"}, 12287, false},
		{Spec{Signature: "f32[1024]"}, 0, true}, {Spec{As: "axpy:1024"}, 8192, true}, {Spec{As: "axpy:1000000"}, 8192, false},
	} {
		if err := tt.spec.CheckMemory(tt.available); (err == nil) != tt.fits {
			t.Errorf("%+v in %d bytes: %v", tt.spec, tt.available, err)
		}
	}
}

// What an object does not have is known from its symbols; a function that the processor chooses is there.
func TestFind(t *testing.T) {
	lib := compile(t, "-O2")
	for _, name := range []string{"horner", "chosen"} {
		if err := (Spec{Object: lib, Function: name}).Find(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{"horners": "find function horners", "": "not found"} {
		if err := (Spec{Object: lib, Function: name}).Find(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
	if err := (Spec{Object: "ccall_test.go", Function: "f"}).Find(); err == nil || !strings.Contains(err.Error(), "cc -shared") {
		t.Errorf("a text: %v", err)
	}
}
