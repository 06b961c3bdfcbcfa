package peercall

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/userkernel"
)

// fake is a library with a cblas_sgemm in Go. It counts its calls.
type fake struct {
	calls int
}

func (*fake) Symbol(name string) (uintptr, error) {
	if name != "cblas_sgemm" {
		return 0, errors.New("undefined symbol: " + name)
	}
	return 1, nil
}

func (*fake) Bind(uintptr, []userkernel.Arg, userkernel.Kind) (func(), func() uint64) {
	panic("nothing is asked of a library that has only cblas_sgemm")
}

func (f *fake) Repeat(calls ...userkernel.Call) func(n int) {
	args := calls[0].Args
	size := func(i int) int { return int(args[i].Bits) }
	at := func(i, n int) []float32 {
		address := uintptr(args[i].Bits)
		return unsafe.Slice(*(**float32)(unsafe.Pointer(&address)), n)
	}
	m, n, k := size(3), size(4), size(5)
	return func(times int) {
		f.calls += times
		a, b, c := at(7, m*k), at(9, k*n), at(12, m*n)
		for i := range m {
			for j := range n {
				var sum float32
				for q := range k {
					sum += a[i*k+q] * b[q*n+j]
				}
				c[i*n+j] = sum
			}
		}
	}
}

// serve has the answers to requests.
func serve(t *testing.T, lib *fake, requests ...native.PeerRequest) []native.PeerAnswer {
	t.Helper()
	var in, out strings.Builder
	enc := json.NewEncoder(&in)
	for _, r := range requests {
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	find := func(name, symbol string) (Library, string, native.Loaded, error) {
		if name != "libfake.so" || symbol != "cblas_sgemm" {
			return nil, "", native.Loaded{}, errors.New(name + ": no such file")
		}
		return lib, "/lib/" + name, native.Loaded{Base: 1, End: 2}, nil
	}
	if err := Serve(strings.NewReader(in.String()), &out, find); err != nil {
		t.Fatal(err)
	}
	var answers []native.PeerAnswer
	for dec := json.NewDecoder(strings.NewReader(out.String())); ; {
		var a native.PeerAnswer
		if err := dec.Decode(&a); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(requests) {
		t.Fatalf("%d answers to %d requests", len(answers), len(requests))
	}
	return answers
}

func opening(names ...string) native.PeerOpen {
	return native.PeerOpen{Protocol: native.Protocol, Names: names, Calls: "blas", Use: native.PeerUse{Function: "cblas_sgemm"},
		Problem:   &native.Problem{Op: "matmul", DType: kernels.F32, Shape: shape.Shape{M: 5, N: 7, K: 9}},
		Functions: []string{"cblas_dgemm", "cblas_sgemm"}}
}

func TestServe(t *testing.T) {
	lib := &fake{}
	open := opening("libother.so", "libfake.so")
	answers := serve(t, lib, native.PeerRequest{Open: &open}, native.PeerRequest{Verify: true}, native.PeerRequest{Batch: 40})
	o := answers[0].Opened
	if o == nil || o.File != "/lib/libfake.so" || len(o.Operands) != 3 || o.Operands[2].Bytes != 4*5*7 || len(o.Exports) != 1 || o.Exports[0] != "cblas_sgemm" {
		t.Fatalf("%+v", answers[0])
	}
	if v := answers[1].Verified; v == nil || v.MaxError == nil || *v.MaxError > v.Tolerance {
		t.Errorf("%+v", answers[1])
	}
	if b := answers[2].Batch; b == nil || b.Check() != nil || lib.calls != 41 {
		t.Errorf("%+v after %d calls", answers[2], lib.calls)
	}
}

func TestServeRefuses(t *testing.T) {
	old, odd, absent, other := opening("libfake.so"), opening("libfake.so"), opening("liba.so", "libb.so"), opening("libfake.so")
	old.Protocol, odd.Calls, other.Use.Function = native.Protocol+1, "fortran", "cblas_dgemm"
	for want, request := range map[string]native.PeerRequest{
		"this helper speaks":       {Open: &old},
		`the way of "fortran"`:     {Open: &odd},
		"libb.so: no such file":    {Open: &absent},
		"does not export it":       {Open: &other},
		"nothing to call":          {Batch: 3},
		"nothing to call has been": {},
	} {
		if a := serve(t, &fake{}, request)[0]; !strings.Contains(a.Error, want) || a.Opened != nil || a.Batch != nil {
			t.Errorf("%+v: want %q", a, want)
		}
	}
	if err := Serve(strings.NewReader("{"), io.Discard, nil); err == nil {
		t.Error("half a request was served")
	}
}
