package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

const mixed = `
double weigh(int a, float x, long b, long c, double y, int d, int e, long f, long g, float z, int h, long i) {
	return a + 2*b + 3*c + 4*d + 5*e + 6*f + 7*g + 8*h + 9*i + 100*x + 1000*y + 10000*z;
}
float half(float x) { return x / 2; }
long add(long a, long b) { return a + b; }
`

// Both ways to call pass integers and floating point in registers and on the stack, and return either.
func TestBindPassesEveryKindOfArgument(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("cc"))
	}
	dir := t.TempDir()
	source, object := filepath.Join(dir, "m.c"), filepath.Join(dir, "m.so")
	if err := os.WriteFile(source, []byte(mixed), 0o644); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.Command(cc, "-O1", "-shared", "-fPIC", "-o", object, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	lib, loaded, err := open(object)
	if err != nil || loaded.Base == 0 || loaded.End <= loaded.Base {
		t.Fatalf("%+v, %v", loaded, err)
	}
	address := func(name string) uintptr {
		t.Helper()
		addr, err := lib.Symbol(name)
		if err != nil || uint64(addr) < loaded.Base || uint64(addr) >= loaded.End {
			t.Fatalf("%s lies at %#x, %v; the object at %+v", name, addr, err, loaded)
		}
		return addr
	}
	integer := func(v int) userkernel.Arg { return userkernel.Arg{Kind: userkernel.Int, Bits: uint64(v)} }
	float := func(v float32) userkernel.Arg {
		return userkernel.Arg{Kind: userkernel.Float, Bits: uint64(math.Float32bits(v))}
	}
	double := func(v float64) userkernel.Arg {
		return userkernel.Arg{Kind: userkernel.Double, Bits: math.Float64bits(v)}
	}
	for name, bind := range map[string]func(uintptr, []userkernel.Arg, userkernel.Kind) (func(), func() uint64){"fast": bind, "reflect": bindReflect} {
		call, result := bind(address("weigh"), []userkernel.Arg{integer(-1), float(1.5), integer(2), integer(3), double(2.25), integer(4),
			integer(5), integer(6), integer(7), float(0.5), integer(8), integer(-9)}, userkernel.Double)
		call()
		const want = -1 + 2*2 + 3*3 + 4*4 + 5*5 + 6*6 + 7*7 + 8*8 + 9*-9 + 100*1.5 + 1000*2.25 + 10000*0.5
		if got := math.Float64frombits(result()); got != want {
			t.Errorf("%s: weigh = %g, want %g", name, got, float64(want))
		}
		call, result = bind(address("half"), []userkernel.Arg{float(3)}, userkernel.Float)
		call()
		if got := math.Float32frombits(uint32(result())); got != 1.5 {
			t.Errorf("%s: half(3) = %g", name, got)
		}
		call, result = bind(address("add"), []userkernel.Arg{integer(1 << 40), integer(-1)}, userkernel.Int)
		call()
		if got := result(); got != 1<<40-1 {
			t.Errorf("%s: add = %#x", name, got)
		}
	}
}

func TestFastBindAllocatesNothing(t *testing.T) {
	addr := empty()
	if addr == 0 {
		t.Skip("no C function to call")
	}
	call, _ := bind(addr, []userkernel.Arg{{Kind: userkernel.Int, Bits: 1}}, userkernel.Int)
	if reflectOnly {
		t.Skip("this architecture is called by reflection")
	}
	if n := testing.AllocsPerRun(1000, call); n != 0 {
		t.Errorf("%g allocations a call", n)
	}
}
