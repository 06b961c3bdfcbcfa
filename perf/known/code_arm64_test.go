package known

import (
	"reflect"
	"testing"
	"unsafe"
)

// codeAt reads n machine words at an address of this program's own code.
func codeAt(addr uintptr, n int) []uint32 { return unsafe.Slice((*uint32)(pointer(addr)), n) }

// pointer makes a pointer into the program's text, which the garbage collector does not own.
func pointer(addr uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&addr)) }

const ret = 0xd65f03c0

// machineCode returns the code behind a Go function value, which points to a wrapper for Go's calling convention that branches
// to it with BL. It ends with its only RET.
func machineCode(t *testing.T, f any) []uint32 {
	t.Helper()
	entry := reflect.ValueOf(f).Pointer()
	for i, w := range codeAt(entry, 64) {
		if w>>26 != 0x25 { // BL imm26
			continue
		}
		target := uintptr(int64(entry) + int64(4*i) + int64(int32(w<<6)>>6)*4)
		code := codeAt(target, 1024)
		for n, w := range code {
			if w == ret {
				return code[:n+1]
			}
		}
	}
	t.Fatalf("no assembly behind the function at %#x", entry)
	return nil
}

// meaning is what one instruction does, told from its bits alone (Arm Architecture Reference Manual, C4.1).
func meaning(t *testing.T, w uint32) Tally {
	t.Helper()
	one := Tally{Instructions: 1}
	vector, double := w>>26&1 == 1, w>>22&1 == 1
	switch {
	case w>>25&5 == 4: // loads and stores
		var width float64
		var load bool
		switch {
		case w>>27&7 == 5: // pair
			if vector || w>>30 != 2 {
				t.Fatalf("pair of an unknown width: %#x", w)
			}
			width, load = 16, w>>22&1 == 1
		case w>>27&7 == 7 && vector:
			width, load = float64(int(1)<<(w>>30|w>>23&1<<2)), w>>22&1 == 1
		case w>>27&7 == 7:
			width, load = float64(int(1)<<(w>>30)), w>>22&3 != 0
		default:
			t.Fatalf("unknown load or store: %#x", w)
		}
		if load {
			return one.loads(1, width)
		}
		return one.stores(1, width)
	case w&0xff000000 == 0x1f000000: // FMADD and its like
		one.Ops = 2
	case w&0xff20fc00 == 0x1e202800, w&0xff20fc00 == 0x1e200800: // FADD, FMUL
		one.Ops = 1
	case w&0xbfa0fc00 == 0x0e20cc00: // FMLA
		lanes := 4.0
		if double {
			lanes = 2
		}
		one.Ops = 2 * lanes
	}
	return one
}

// run adds up what the code does when its inner loop runs so many iterations in each of so many passes.
func run(t *testing.T, code []uint32, passes, iterations int) (total Tally) {
	t.Helper()
	type span struct{ from, to int }
	var loops []span // inner first
	for i, w := range code {
		if w&0xff000010 == 0x54000000 { // B.cond
			target := i + int(int32(w<<8)>>13)
			if target >= i {
				t.Fatal("forward branch")
			}
			loops = append(loops, span{target, i})
		}
	}
	trips := []int{iterations, passes}
	if len(loops) == 0 || len(loops) > 2 || len(loops) == 1 && passes != 1 {
		t.Fatalf("%d loops", len(loops))
	}
	for i, w := range code {
		n := 1
		for l, s := range loops {
			if i >= s.from && i <= s.to {
				n *= trips[l]
			}
		}
		total = total.plus(meaning(t, w).times(float64(n)))
	}
	return total
}

func TestTalliesAreWhatTheCodeDoes(t *testing.T) {
	type entry struct {
		code
		function any
		passes   bool
	}
	var all []entry
	for _, c := range computes {
		all = append(all, entry{c.code, c.run, false})
	}
	for _, c := range streams {
		all = append(all, entry{c.code, c.run, true})
	}
	for _, c := range flushes {
		all = append(all, entry{c.code, c.run, false})
	}
	all = append(all, entry{chase.code, chase.run, false}, entry{flushChase.code, flushChase.run, false})
	for _, e := range all {
		t.Run(e.name, func(t *testing.T) {
			code := machineCode(t, e.function)
			for _, n := range [][2]int{{1, 1}, {1, 7}, {3, 5}} {
				passes := n[0]
				if !e.passes {
					passes = 1
				}
				if got, want := e.total(passes, n[1]), run(t, code, passes, n[1]); got != want {
					t.Errorf("%d passes of %d iterations: declared %+v, the code does %+v", passes, n[1], got, want)
				}
			}
		})
	}
}
