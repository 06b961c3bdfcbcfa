package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
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
long sum, calls;
void gather(long a, long b, long c, long d, long e, long f, float x, long g, long h, long i, long j, long k, long l, long m, long n, long o) {
	sum += a + 2*b + 3*c + 4*d + 5*e + 6*f + 7*g + 8*h + 9*i + 10*j + 11*k + 12*l + 13*m + 14*n + 15*o + 1000*x;
	a = b = c = d = e = f = g = h = i = j = k = l = m = n = o = 0; /* arguments are the callee's to change */
	__asm__ volatile("" : "+m"(g), "+m"(h), "+m"(i), "+m"(o));
	calls++;
}
void twice(void) { sum *= 2; }
void plus(long a) { sum += a; }
long gathered(void) { return sum; }
long counted(void) { return calls; }
`

// Both ways to call pass integers and floating point in registers and on the stack, and return either.
func TestBindPassesEveryKindOfArgument(t *testing.T) {
	source := filepath.Join(t.TempDir(), "m.c")
	if err := os.WriteFile(source, []byte(mixed), 0o644); err != nil {
		t.Fatal(err)
	}
	object := testkit.SharedObject(t, "m.so", source)
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

// Calls in a row get their arguments anew each time, although the callee may change them where they lie.
func TestRepeatCallsAsOftenAsSaid(t *testing.T) {
	source := filepath.Join(t.TempDir(), "m.c")
	if err := os.WriteFile(source, []byte(mixed), 0o644); err != nil {
		t.Fatal(err)
	}
	var args []userkernel.Arg
	want := uint64(500)
	for i := range uint64(15) {
		args = append(args, userkernel.Arg{Kind: userkernel.Int, Bits: 100 + i})
		want += (100 + i) * (i + 1)
	}
	args = slices.Insert(args, 6, userkernel.Arg{Kind: userkernel.Float, Bits: uint64(math.Float32bits(0.5))})
	for name, repeat := range map[string]func(...userkernel.Call) func(int){"fast": repeat, "reflect": repeatReflect} {
		lib, _, err := open(testkit.SharedObject(t, name+".so", source))
		if err != nil {
			t.Fatal(err)
		}
		ask := func(function string) uint64 {
			addr, err := lib.Symbol(function)
			if err != nil {
				t.Fatal(err)
			}
			call, result := bind(addr, nil, userkernel.Int)
			call()
			return result()
		}
		addr, err := lib.Symbol("gather")
		if err != nil {
			t.Fatal(err)
		}
		run := repeat(userkernel.Call{Addr: addr, Args: args})
		total := uint64(0)
		for _, n := range []int{1, 7, 1000} {
			run(n)
			total += uint64(n)
			if calls, sum := ask("counted"), ask("gathered"); calls != total || sum != total*want {
				t.Fatalf("%s: %d calls with the sum %d, want %d and %d", name, calls, sum, total, total*want)
			}
		}
		twice, err := lib.Symbol("twice")
		if err != nil {
			t.Fatal(err)
		}
		plus, err := lib.Symbol("plus")
		if err != nil {
			t.Fatal(err)
		}
		sum := ask("gathered")
		repeat(userkernel.Call{Addr: plus, Args: args[:1]}, userkernel.Call{Addr: twice})(2)
		if got, want := ask("gathered"), 2*(2*(sum+100)+100); got != want {
			t.Fatalf("%s: two functions in turns give %d, want %d", name, got, want)
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
