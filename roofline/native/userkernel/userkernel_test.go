package userkernel

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/fenced"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
)

// fake is an object whose function is Go code that works on the operands it is called with.
type fake struct{ f func(args []Arg) uint64 }

func (f fake) Symbol(string) (uintptr, error) { return 1, nil }
func (f fake) Bind(_ uintptr, args []Arg, _ Kind) (func(), func() uint64) {
	var result uint64
	return func() { result = f.f(args) }, func() uint64 { return result }
}

func at[T any](a Arg, n int) []T {
	address := uintptr(a.Bits)
	return unsafe.Slice(*(**T)(unsafe.Pointer(&address)), n)
}

func signature(t *testing.T, as string) native.Signature {
	t.Helper()
	s, err := native.Parse(as)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// product multiplies as a plain function would.
func product(a []Arg) {
	m, n, k := int(a[3].Bits), int(a[4].Bits), int(a[5].Bits)
	x, y, z := at[float32](a[0], m*k), at[float32](a[1], k*n), at[float32](a[2], m*n)
	for i := range m {
		for j := range n {
			var sum float32
			for p := range k {
				sum += x[i*k+p] * y[p*n+j]
			}
			z[i*n+j] = sum
		}
	}
}

// What is wrong with a product is found where it is, and nothing is found wrong with a right one, whether it is compared
// as a whole or in places.
func TestWrongProductsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		as    string
		spoil func(a []Arg)
		index []int
		note  string
	}{
		"right":                {"matmul:5x7x3", func([]Arg) {}, nil, ""},
		"last element":         {"matmul:5x7x3", func(a []Arg) { at[float32](a[2], 35)[34] += 1 }, []int{4, 6}, ""},
		"NaN":                  {"matmul:5x7x3", func(a []Arg) { at[float32](a[2], 35)[9] = float32(math.NaN()) }, []int{1, 2}, ""},
		"large, right":         {"matmul:700x400x500", func([]Arg) {}, nil, ""},
		"large, NaN":           {"matmul:700x400x500", func(a []Arg) { at[float32](a[2], 700*400)[400*333+77] = float32(math.NaN()) }, []int{333, 77}, ""},
		"large, corner":        {"matmul:700x400x500", func(a []Arg) { at[float32](a[2], 700*400)[700*400-1] = 9 }, []int{699, 399}, ""},
		"input changed":        {"matmul:5x7x3", func(a []Arg) { at[float32](a[1], 1)[0] = 5 }, nil, "the input B was changed"},
		"written past the end": {"matmul:5x7x3", func(a []Arg) { at[byte](a[2], 5*7*4+9)[5*7*4+8] = 0 }, nil, "byte 8 behind the end of C"},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := newMatmul(fake{func(a []Arg) uint64 { product(a); c.spoil(a); return 0 }}, 1, signature(t, c.as))
			if err != nil {
				t.Fatal(err)
			}
			v, err := in.Verify()
			switch {
			case c.note != "":
				if err == nil || in.found == nil || !strings.Contains(in.found.Note, c.note) {
					t.Errorf("%+v, %v, want %q", in.found, err, c.note)
				}
			case c.index == nil:
				if err != nil || in.found != nil || !(v.MaxError <= v.Tolerance) {
					t.Errorf("%+v, %v, found %+v", v, err, in.found)
				}
			default:
				if in.found == nil || len(in.found.Index) != 2 || in.found.Index[0] != c.index[0] || in.found.Index[1] != c.index[1] {
					t.Errorf("found %+v, want it at %v", in.found, c.index)
				}
			}
		})
	}
}

// int8Product multiplies int8 into int32, row by row.
func int8Product(a []Arg) {
	m, n, k := int(a[3].Bits), int(a[4].Bits), int(a[5].Bits)
	x, y, z := at[int8](a[0], m*k), at[int8](a[1], k*n), at[int32](a[2], m*n)
	clear(z)
	for i := range m {
		row := z[i*n:][:n]
		for p, b := range x[i*k:][:k] {
			for j, c := range y[p*n:][:n] {
				row[j] += int32(b) * int32(c)
			}
		}
	}
}

// Of a product so large that it is compared in places only, an element that was not written is found anywhere, in integers, too.
func TestUnwrittenIntegersAreFound(t *testing.T) {
	const as, all, skipped = "matmul/int8:700x400x500", 700 * 400, 400*333 + 77
	for name, skip := range map[string]bool{"right": false, "one element not written": true} {
		in, err := newMatmul(fake{func(a []Arg) uint64 {
			before := at[int32](a[2], all)[skipped]
			if int8Product(a); skip {
				at[int32](a[2], all)[skipped] = before
			}
			return 0
		}}, 1, signature(t, as))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Verify(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if found := in.found != nil && slices.Equal(in.found.Index, []int{333, 77}); found != skip || !skip && in.found != nil {
			t.Errorf("%s: found %+v", name, in.found)
		}
	}
}

// A sum without its last product exceeds the tolerance in every type, at any size.
func TestToleranceFindsALostProduct(t *testing.T) {
	for _, k := range []int{2, 10, 1000} {
		s := signature(t, "matmul:3x4x2")
		s.Shape.K = k
		in, err := newMatmul(fake{func(a []Arg) uint64 {
			product(a)
			x, y, z := at[float32](a[0], 3*k), at[float32](a[1], k*4), at[float32](a[2], 12)
			for i := range 12 {
				z[i] -= x[i/4*k+k-1] * y[(k-1)*4+i%4]
			}
			return 0
		}}, 1, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Verify(); err != nil || in.found == nil {
			t.Errorf("k = %d: not found", k)
		}
	}
}

// An operand ends where its elements do, and what lies behind up to the next page is looked after.
func TestCanaries(t *testing.T) {
	for _, n := range []int{1, 1000, 1 << 19} {
		o, err := newOperand("x", kernels.F64, n, false, fenced.Alloc)
		if err != nil {
			t.Fatal(err)
		}
		if len(o.data) != 8*n || (len(o.data)+len(o.rest))%4096 != 0 {
			t.Errorf("%d elements in %d bytes with %d bytes behind", n, len(o.data), len(o.rest))
		}
		o.fill(1)
		o.poison()
		if err := o.check(); err != nil {
			t.Errorf("%v", err)
		}
		if n == 1 {
			o.rest[5] = 0
			if err := o.check(); err == nil {
				t.Error("a write behind the end was not found")
			}
		}
	}
}

func TestValuesAreExactAndInRange(t *testing.T) {
	for _, d := range []kernels.DType{kernels.F64, kernels.F32, kernels.F16, kernels.BF16, kernels.INT8} {
		o, err := newOperand("x", d, 5000, true, fenced.Alloc)
		if err != nil {
			t.Fatal(err)
		}
		o.fill(7)
		most := 1.0
		if d == kernels.INT8 {
			most = 127
		}
		distinct := map[float64]bool{}
		for i := range o.n {
			v := o.at(i)
			if !(math.Abs(v) <= most) {
				t.Fatalf("%s: element %d is %g", d, i, v)
			}
			distinct[v] = true
		}
		if len(distinct) < 100 {
			t.Errorf("%s: %d values", d, len(distinct))
		}
	}
}

func TestPlainFunctionsHaveOneThread(t *testing.T) {
	req := native.Request{Signature: signature(t, "dot:8"), Threads: 2}
	if _, _, err := newKernel(fake{}, 1, req); err == nil || !strings.Contains(err.Error(), "2 threads") {
		t.Errorf("%v", err)
	}
}

// Whatever becomes of a request, exactly one last message says so.
func TestServeAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		req  native.Request
		open Opener
		want string
	}{
		"other protocol": {native.Request{Protocol: 99}, nil, "same version"},
		"no object": {native.Request{Protocol: native.Protocol, Object: "k.so"},
			func(string) (Object, native.Loaded, error) { return nil, native.Loaded{}, errors.New("damaged") }, "load k.so: damaged"},
	} {
		var all []native.Message
		Serve(t.Context(), c.req, c.open, 0, "", func(m native.Message) { all = append(all, m) })
		if last := all[len(all)-1]; !strings.Contains(last.Error, c.want) {
			t.Errorf("%s: %+v, want %q", name, last, c.want)
		}
	}
}
