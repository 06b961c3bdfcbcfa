package kerneltest

import (
	"runtime/debug"
	"testing"
	"unsafe"
)

func constant(int, int) float32 { return 1 }

// The harness itself must catch what it is for.
func TestCheck(t *testing.T) {
	tests := []struct {
		name string
		do   func(in, out []float32)
		ok   bool
	}{
		{"right", func(in, out []float32) {}, true},
		{"changes an input", func(in, out []float32) { in[1] = 2 }, false},
		{"changes padding of an input", func(in, out []float32) { in[3] = 0 }, false},
		{"changes padding of the output", func(in, out []float32) { out[3] = 0 }, false},
		{"leaves an element unwritten", func(in, out []float32) { out[5] = in[3] }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := New(t)
			in, out := Input(o, "in", 2, 3, 4, constant), Output[float32](o, "out", 2, 3, 4)
			if len(in) != 7 || len(out) != 7 {
				t.Fatalf("lengths %d and %d, want 7: two rows, padding between them only", len(in), len(out))
			}
			for _, i := range []int{0, 1, 2, 4, 5, 6} {
				out[i] = in[i]
			}
			tt.do(in, out)
			if err := o.Check(); (err == nil) != tt.ok {
				t.Errorf("Check: %v, want ok = %v", err, tt.ok)
			}
		})
	}
}

// Beside the guard page a read faults; on the other side a write is seen.
func TestGuardsOnBothSides(t *testing.T) {
	for _, before := range []bool{true, false} {
		page, values := 3, -1
		if before {
			page, values = values, page
		}
		s, check := guardedOn[float64](t, "x", 1, 3, 3, before)
		at := func(i int) *float64 { return (*float64)(unsafe.Add(unsafe.Pointer(&s[0]), 8*i)) }
		if err := check(); err != nil {
			t.Fatal(err)
		}
		if !faults(func() { s[0] += *at(page) }) {
			t.Errorf("page before: %v: reading element %d of 3 did not fault", before, page)
		}
		*at(values) = 0
		if check() == nil {
			t.Errorf("page before: %v: writing element %d of 3 was not seen", before, values)
		}
	}
}

func faults(f func()) (fault bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { fault = recover() != nil }()
	f()
	return false
}

// Of neighbouring sizes some have the page before them and some behind.
func TestPagesOnEitherSide(t *testing.T) {
	before := 0
	for n := 1; n <= 100; n++ {
		s, _ := guarded[float32](t, "x", 1, n, n)
		if uintptr(unsafe.Pointer(&s[0]))%4096 == 0 {
			before++
		}
	}
	if before < 30 || before > 70 {
		t.Errorf("%d of 100 have the page before them", before)
	}
}

func TestSizesMeetEveryTail(t *testing.T) {
	const width = 16
	tails := map[int]bool{}
	for _, n := range Sizes(width) {
		tails[n%width] = true
	}
	if len(tails) != width {
		t.Errorf("Sizes(%d) meets %d tails, want %d", width, len(tails), width)
	}
}
