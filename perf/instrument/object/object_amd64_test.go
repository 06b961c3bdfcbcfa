package object

import (
	"errors"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// compile builds testdata/FILE.c as a shared object, or skips where there is no gcc.
func compile(t testing.TB, name string, flags ...string) string {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	out := filepath.Join(t.TempDir(), name+".so")
	args := append([]string{"-shared", "-fPIC", "-fno-math-errno", "-o", out, filepath.Join("testdata", name+".c")}, flags...)
	if text, err := exec.Command(gcc, append(args, "-lm")...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, text)
	}
	return out
}

func load(t testing.TB, path string) *Object {
	t.Helper()
	o, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o
}

// call runs a function natively.
func call(t testing.TB, o *Object, name string, ints []uint64, floats ...float64) (uint64, float64) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s, err := o.Function(name)
	if err != nil {
		t.Fatal(err)
	}
	var bits []uint64
	for _, f := range floats {
		bits = append(bits, math.Float64bits(f))
	}
	n, err := NewNative(s.Addr, ints, bits)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	n.Run()
	rax, xmm0 := n.Results()
	return rax, math.Float64frombits(xmm0)
}

// What the dynamic linker would have prepared is in place: constants, tables of pointers, variables, exported and local
// functions, functions of the math library, and arguments in registers and on the stack.
func TestNativeCalls(t *testing.T) {
	for _, level := range []string{"-O0", "-O2", "-O3"} {
		t.Run(level, func(t *testing.T) {
			o := load(t, compile(t, "native", level))
			if _, got := call(t, o, "polynomial", nil, 2); got != 1.5+2*2.5+4*3.5 {
				t.Errorf("polynomial(2) = %g", got)
			}
			for i, want := range []uint64{11, 22, 33} {
				if got, _ := call(t, o, "through_table", []uint64{uint64(i)}); got != want {
					t.Errorf("through_table(%d) = %d, want %d", i, got, want)
				}
			}
			first, _ := call(t, o, "count_calls", nil)
			if second, _ := call(t, o, "count_calls", nil); first != 41 || second != 42 {
				t.Errorf("count_calls = %d, then %d; want 41, 42", first, second)
			}
			if _, got := call(t, o, "many", []uint64{1, 2, 3, 4, 5, 6, 7, 8}, 10, 0.5); got != 204*10+0.5 {
				t.Errorf("many = %g", got)
			}
			for _, x := range []float64{-3, 0.1, 1, 2.5} {
				if _, got := call(t, o, "library", nil, x); math.Abs(got-(math.Exp(x)+math.Sin(x)+math.Sqrt(math.Abs(x)))) > 1e-14*math.Exp(math.Abs(x)) {
					t.Errorf("library(%g) = %g", x, got)
				}
			}
			for name, want := range map[string]bool{"library": true, "polynomial": false} {
				s, err := o.Function(name)
				if err != nil {
					t.Fatal(err)
				}
				notes := o.Notes(s.Addr)
				if got := slices.ContainsFunc(notes, func(s string) bool { return strings.Contains(s, "math library") }); got != want {
					t.Errorf("%s: notes of the math library: %v, want %v: %q", name, got, want, notes)
				}
			}
			if got, _ := call(t, o, "chosen", []uint64{20}); got != 21 {
				t.Errorf("chosen(20) = %d: the resolver was not asked", got)
			}
			if got, _ := call(t, o, "calls_chosen", []uint64{20}); got != 22 {
				t.Errorf("calls_chosen(20) = %d", got)
			}
			if got, _ := call(t, o, "guarded", []uint64{5}); got != 10 {
				t.Errorf("guarded(5) = %d", got)
			}
		})
	}
}

func TestFunctionNotFound(t *testing.T) {
	o := load(t, compile(t, "native", "-O2"))
	for name, want := range map[string]string{"polynom": "did you mean polynomial?", "local_helpe": "local_helper", "xyz": "nm ", "": "nm ", "table": "it is a variable"} {
		_, err := o.Function(name)
		var missing *NotFoundError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
	local, err := o.Function("local_helper")
	if err != nil || local.Size == 0 || o.Name(local.Addr+1) != "local_helper" {
		t.Errorf("local function: %+v, %v", local, err)
	}
}

var forty = 40

// Of several functions of one name none is taken: they are named, and each can be chosen by the name that the error gives.
func TestSeveralOfOneName(t *testing.T) {
	path := compile(t, "samename", "-O1", filepath.Join("testdata", "samename2.c"))
	o := load(t, path)
	_, err := o.Function("work")
	var unknown *NotFoundError
	if !errors.As(err, &unknown) || !slices.Equal(slices.Sorted(slices.Values(unknown.Several)), []string{"samename.c:work", "samename2.c:work"}) {
		t.Fatalf("of two functions work one is taken, or they are not named by their files: %v", err)
	}
	if err := Find(path, "work"); !errors.As(err, &unknown) || len(unknown.Several) != 2 {
		t.Errorf("before it is loaded: %v", err)
	}
	for name, more := range map[string]uint64{"samename.c:work": 1, "samename2.c:work": 2} {
		if got, _ := call(t, o, name, []uint64{uint64(uintptr(unsafe.Pointer(&forty)))}); got != 40+more {
			t.Errorf("%s gives %d, want %d", name, got, 40+more)
		}
		if err := Find(path, name); err != nil {
			t.Errorf("before it is loaded: %v", err)
		}
	}
	for _, s := range o.images[0].functions {
		if s.Name != "work" {
			continue
		}
		name := fmt.Sprintf("work@%#x", s.Addr-o.Base)
		if got, err := o.Function(name); err != nil || got.Addr != s.Addr {
			t.Errorf("%s is %+v, %v", name, got, err)
		}
	}
	if _, err := o.Function("none.c:work"); !errors.As(err, &unknown) || len(unknown.Several) != 0 {
		t.Errorf("of a file that is not there: %v", err)
	}
}

// Stand-ins do what the standard says, for every size and overlap up to some words.
func TestStandIns(t *testing.T) {
	o := load(t, compile(t, "native", "-O2"))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	run := func(name string, a, b, n uint64) uint64 {
		off, ok := standInFor(name)
		if !ok {
			t.Fatalf("no stand-in for %s", name)
		}
		r, err := Call(o.standIns.at+off, []uint64{a, b, n}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const size = 96
	for n := range 40 {
		for shift := -20; shift <= 20; shift++ {
			got, want := make([]byte, size), make([]byte, size)
			for i := range got {
				got[i], want[i] = byte(i), byte(i)
			}
			src, dst := 30, 30+shift
			copy(want[dst:dst+n], want[src:src+n])
			at := uint64(uintptr(unsafe.Pointer(&got[0])))
			if r := run("memmove", at+uint64(dst), at+uint64(src), uint64(n)); r != at+uint64(dst) || !slices.Equal(got, want) {
				t.Fatalf("memmove of %d bytes by %d: %v, want %v", n, shift, got, want)
			}
		}
		a, b := make([]byte, size), make([]byte, size)
		at, bt := uint64(uintptr(unsafe.Pointer(&a[0]))), uint64(uintptr(unsafe.Pointer(&b[0])))
		for i := range a {
			a[i] = byte(3 * i)
		}
		if run("memcpy", bt, at, uint64(n)) != bt || !slices.Equal(a[:n], b[:n]) || slices.ContainsFunc(b[n:], func(x byte) bool { return x != 0 }) {
			t.Errorf("memcpy of %d bytes: %v", n, b)
		}
		if int32(run("memcmp", at, bt, uint64(n))) != 0 {
			t.Errorf("memcmp of %d equal bytes is not 0", n)
		}
		if n > 0 {
			b[n-1]--
			if n > 1 && int32(run("memcmp", at, bt, uint64(n))) <= 0 {
				t.Errorf("memcmp of %d bytes, of which the last is larger, is not positive", n)
			}
		}
		if run("memset", bt, 0x1ab, uint64(n)) != bt || slices.ContainsFunc(b[:n], func(x byte) bool { return x != 0xab }) || b[n] != 0 {
			t.Errorf("memset of %d bytes: %v", n, b)
		}
	}
}

// The bytes of stand-ins are the instructions beside them.
func TestStandInBytes(t *testing.T) {
	code := standInCode()
	for i, s := range standIns {
		at := i * standInBytes
		for _, in := range s.code {
			got, err := decode.Decode(code[at:], uint64(at))
			if err != nil || int(got.Len) != len(in.hex)/2 {
				t.Fatalf("%s: %s: %v", s.names[0], in.text, err)
			}
			text := in.text
			if _, after, found := strings.Cut(text, ": "); found {
				text = after
			}
			mnemonic := strings.Fields(text)
			if name := strings.Fields(got.String()); name[0] != mnemonic[0] && !strings.HasPrefix(mnemonic[0], "j") {
				t.Errorf("%s: %s decodes as %s", s.names[0], in.text, &got)
			}
			at += int(got.Len)
		}
	}
}
