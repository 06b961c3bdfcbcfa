package cache

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// TestProbesMove runs every probe, usable or not by the widest first, and compares its arrays with the operation in plain Go.
// What lies around and between the arrays must stay as it was.
func TestProbesMove(t *testing.T) {
	for _, p := range append(slices.Clone(assembly), plain...) {
		t.Run(p.Op+"/"+p.Form, func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(p.ISA))
			for _, n := range []int{blockBytes, 3 * blockBytes, 16 * blockBytes} {
				const gap = 4096
				mem, err := Map(int64(3*(n+gap)), Small)
				if err != nil {
					t.Fatal(err)
				}
				fillDoubles(mem)
				before := bytes.Clone(mem)
				a, b, c := mem[:n], mem[n+gap:][:n], mem[2*(n+gap):][:n]
				want := bytes.Clone(mem)
				reference(p.Op, want[:n], want[n+gap:][:n], want[2*(n+gap):][:n])
				p.run(&a[0], &b[0], &c[0], n, 2)
				if !bytes.Equal(mem, want) {
					t.Errorf("%d bytes: wrong at byte %d", n, firstDifference(mem, want))
				}
				if p.Op != "load" && bytes.Equal(mem, before) {
					t.Errorf("%d bytes: nothing was written", n)
				}
				if err := Unmap(mem); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// reference is the operation in the obvious way; stores write threes.
func reference(op string, a, b, c []byte) {
	switch op {
	case "store", "ntstore":
		for i := 0; i < len(a); i += 8 {
			put(a[i:], 3)
		}
	case "copy":
		copy(a, b)
	case "triad":
		for i := 0; i < len(a); i += 8 {
			put(a[i:], 3*get(b[i:])+get(c[i:])) // exact: small integers
		}
	}
}

func get(b []byte) float64    { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }
func put(b []byte, v float64) { binary.LittleEndian.PutUint64(b, math.Float64bits(v)) }

func fillDoubles(mem []byte) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(mem); i += 8 {
		put(mem[i:], float64(1+r.IntN(1000)))
	}
}

func firstDifference(a, b []byte) int {
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

// TestMove counts what a stream moves, and follows it around its arrays.
func TestMove(t *testing.T) {
	type call struct{ offset, n, passes int }
	mem := make([]byte, 16<<20)
	for _, c := range []struct {
		op      string
		set     int64
		bytes   int64
		moved   int64
		calls   int
		atStart bool // whole passes only
	}{
		{"load", 16 << 10, 100 << 10, 112 << 10, 2, true},               // 6 passes, then 1
		{"copy", 16 << 10, 100 << 10, 112 << 10, 2, true},               // 2 × 8 KiB per pass
		{"triad", 10 << 10, 1, 9 << 10, 1, true},                        // 3 × 3 KiB, a rest left out
		{"load", 1 << 10, 16 << 20, 16 << 20, 16, true},                 // at most 1 MiB a call
		{"load", 5 << 20, 2 << 20, 2 << 20, 2, false},                   // the third MiB is next
		{"load", 5<<19 + 512, 4 << 20, 4<<20 + 512<<10, 5, false},       // 1, 1, ½ MiB, then from the start
		{"copy", 4<<20 + 1, 8 << 20, 8 << 20, 4, true},                  // 2 MiB each, twice around
		{"triad", 12 << 20, 1 << 20, 3 << 20, 1, false},                 // one call moves 3 × 1 MiB
		{"load", 1536 << 10, 1<<20 + 1, 1536 << 10, 2, true},            // ends with a short piece
		{"store", 2048 << 10, 100, 1 << 20, 1, false},                   // one call, the rest next time
		{"load", 3<<20 + 1023, 3 << 20, 3 << 20, 3, true},               // rounded down to blocks
		{"copy", 3072, 2 << 10, 2 << 10, 1, true},                       // 1 KiB each
		{"load", 700 << 10, 1400 << 10, 1400 << 10, 2, true},            // one pass a call: two would be over 1 MiB
		{"triad", 1 << 20, 2<<20 - 1024, 3 * 2 * 3 * 341 << 9, 2, true}, // 2 passes of 3 × 341 KiB, and one more
		{"store", 128 << 10, 3 * 128 << 10, 3 * 128 << 10, 1, true},     // 3 passes
	} {
		var calls []call
		p := Probe{Op: c.op, Form: "fake"}
		var s *Stream
		p.run = func(a, b, cc *byte, n, passes int) {
			calls = append(calls, call{s.offset, n, passes})
			if a == nil || (b == nil) != (c.op != "copy" && c.op != "triad") || (cc == nil) != (c.op != "triad") {
				t.Errorf("%+v: arrays %v %v %v", c, a, b, cc)
			}
			if n <= 0 || n%blockBytes != 0 || s.offset+n > s.bytes || n*passes > callBytes {
				t.Errorf("%+v: call of %d bytes at %d of %d, %d passes", c, n, s.offset, s.bytes, passes)
			}
		}
		s, err := p.On(mem, c.set)
		if err != nil {
			t.Fatal(err)
		}
		moved := s.Move(c.bytes)
		sum := int64(0)
		for _, k := range calls {
			sum += int64(k.n) * int64(k.passes) * int64(p.Arrays())
		}
		if moved != sum || moved != c.moved || len(calls) != c.calls || (s.offset == 0) != c.atStart {
			t.Errorf("%+v: moved %d in calls %v (sum %d), then at %d", c, moved, calls, sum, s.offset)
		}
	}
}

func TestOnRefuses(t *testing.T) {
	mem := make([]byte, 1<<16)
	for _, c := range []struct {
		op  string
		set int64
	}{{"load", 1<<16 + 1}, {"load", blockBytes - 1}, {"copy", 2*blockBytes - 1}, {"triad", 3*blockBytes - 1}, {"load", 0}} {
		if _, err := (Probe{Op: c.op}).On(mem, c.set); err == nil {
			t.Errorf("%s on %d bytes: no error", c.op, c.set)
		}
	}
}

func TestProbesFollowTheCap(t *testing.T) {
	for _, op := range Ops {
		restore := cpu.Cap(cpu.Go)
		for _, p := range Probes(op) {
			if p.ISA != cpu.Go {
				t.Errorf("%s needs %s above the cap", p.Form, p.ISA)
			}
		}
		if n := len(Probes(op)); (n == 0) != (op == "ntstore") {
			t.Errorf("%d plain probes of %s", n, op)
		}
		restore()
		if len(assembly) > 0 && len(Probes(op)) == 0 {
			t.Errorf("no probe of %s", op)
		}
	}
}

func TestTouchWritesOrdinaryNumbers(t *testing.T) {
	mem := make([]byte, 1<<16)
	Touch(mem)
	seen := map[float64]bool{}
	for i := 0; i < len(mem); i += 8 {
		v := get(mem[i:])
		if v < 1 || v >= 2 || seen[v] {
			t.Fatalf("value %d is %g (seen before: %v)", i/8, v, seen[v])
		}
		seen[v] = true
	}
}
