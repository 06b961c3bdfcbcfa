package instrument

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// generated is a generated function in executable memory.
type generated struct {
	*generator
	at    uintptr
	start []byte // writable memory at the begin
}

func newGenerated(t testing.TB, at uintptr, seed uint64, options ...func(*generator)) *generated {
	if err := unix.Mprotect(view(at, genState), unix.PROT_READ|unix.PROT_WRITE); err != nil {
		t.Fatal(err)
	}
	f := &generated{generator: newGenerator(seed, uint64(at), cpu.Usable(cpu.AVX512) == nil), at: at}
	for _, set := range options {
		set(f.generator)
	}
	f.function()
	if len(f.code) > genState {
		t.Fatalf("seed %d: %d bytes of code", seed, len(f.code))
	}
	clear(view(at, genState))
	copy(view(at, genState), f.code)
	if err := unix.Mprotect(view(at, genState), unix.PROT_READ|unix.PROT_EXEC); err != nil {
		t.Fatal(err)
	}
	f.start = f.memory0(rand.New(rand.NewPCG(seed, 1)))
	return f
}

// noFlagsInRegisters is for functions that run with the trap flag set.
func noFlagsInRegisters(g *generator) { g.noPushf = true }

// memory0 makes the writable memory at the begin.
func (f *generated) memory0(r *rand.Rand) []byte {
	m := make([]byte, genSize-genState)
	put := func(off int, v uint64) { binary.LittleEndian.PutUint64(m[off-genState:], v) }
	value := func() uint64 {
		switch r.IntN(4) {
		case 0:
			return uint64(r.IntN(300))
		case 1:
			return math.Float64bits(r.NormFloat64())
		case 2:
			return uint64(math.Float32bits(r.Float32()))<<32 | uint64(math.Float32bits(r.Float32()))
		}
		return r.Uint64()
	}
	for off := genBuffer; off < genSize; off += 8 {
		put(off, value())
	}
	for off := genStack; off < genStack+512; off += 8 {
		put(off, value())
	}
	for i := range 16 {
		put(genState+gprOff+8*i, value())
	}
	for i, p := range f.ptr {
		put(genState+gprOff+8*int(p), f.base+genMiddle+uint64(256*i))
	}
	put(genState+flagsOff, 0x202|r.Uint64()&flags)
	for i := range 8 {
		put(genState+kOff+8*i, r.Uint64())
	}
	for i := range 256 {
		put(genState+vecOff+8*i, value())
	}
	for i := range 8 {
		put(genSmall+8*i, 0x7f)
	}
	for i, a := range f.tables {
		put(genTable+8*i, a)
	}
	return m
}

// run runs the function by call and returns the memory afterwards, without what need not be the same: below the stack
// pointer, where return addresses lie, and the caller's own registers.
func (f *generated) run(call func()) []byte {
	m := view(f.at+genState, genSize-genState)
	copy(m, f.start)
	call()
	after := bytes.Clone(m)
	clear(after[genLoops+0x1000-genState : genStack-genState])
	clear(after[genResult+spOff-genState : genResult+bpOff+8-genState])
	fl := after[genResult+flagsOff-genState:]
	binary.LittleEndian.PutUint64(fl, binary.LittleEndian.Uint64(fl)&uint64(f.finally))
	return after
}

// truth is how often the marks were reached.
func (f *generated) truth(after []byte) map[uint64]uint64 {
	n := map[uint64]uint64{}
	for i, addr := range f.marks {
		n[addr] = binary.LittleEndian.Uint64(after[genTruth+8*i-genState:])
	}
	return n
}

// differ says where two memories differ.
func differ(a, b []byte) string {
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		off := genState + i
		switch {
		case off >= genResult+vecOff && off < genTruth:
			return fmt.Sprintf("vector register %d", (off-genResult-vecOff)/64)
		case off >= genResult+kOff && off < genTruth:
			return fmt.Sprintf("mask register %d", (off-genResult-kOff)/8)
		case off >= genResult+flagsOff && off < genTruth:
			return fmt.Sprintf("flags %#x, %#x", binary.LittleEndian.Uint64(a[genResult+flagsOff-genState:]), binary.LittleEndian.Uint64(b[genResult+flagsOff-genState:]))
		case off >= genResult && off < genTruth:
			return fmt.Sprintf("register %d: %#x, %#x", (off-genResult)/8, binary.LittleEndian.Uint64(a[i&^7:]), binary.LittleEndian.Uint64(b[i&^7:]))
		}
		return fmt.Sprintf("memory at %#x", off)
	}
	return ""
}

// checkGenerated compares a generated function with its copies: all registers, flags and memory, the counts of marked
// places, and what was traced with what was counted.
func checkGenerated(t testing.TB, at uintptr, seed uint64) {
	f := newGenerated(t, at, seed)
	want := f.run(func() { enter(at) })
	truth := f.truth(want)
	var total *Totals
	for _, opt := range []Options{{Mode: rewrite.Count}, {Mode: rewrite.Trace, LogBytes: 512}, {Mode: rewrite.Trace}} {
		opt.ABI = blocks.GoABI0
		name := map[rewrite.Mode]string{rewrite.Count: "count", rewrite.Trace: "trace"}[opt.Mode]
		func() {
			p, err := New([]Function{{Name: "generated", Entry: at, Size: len(f.code)}}, opt)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			th, err := p.NewThread()
			if err != nil {
				t.Fatal(err)
			}
			defer th.Close()
			counts := map[uint64]uint64{}
			var loaded, stored, executed uint64
			th.SetSink(func(l *Log) {
				l.Counts(counts)
				l.References(func(list []sim.Access) {
					for _, a := range list {
						if a.Kind == sim.LoadAccess {
							loaded += uint64(a.Size)
						} else {
							stored += uint64(a.Size)
						}
					}
				})
			})
			got := f.run(func() {
				if _, err := th.Call(at, &Arguments{}); err != nil {
					t.Fatalf("seed %d: %s: %v", seed, name, err)
				}
			})
			if d := differ(want, got); d != "" {
				t.Fatalf("seed %d: %s: differs from the native run: %s", seed, name, d)
			}
			if opt.Mode == rewrite.Count {
				profile := th.Profile()
				for _, b := range profile.Blocks {
					counts[b.Addr] = b.Executions
				}
				if total, err = profile.Totals(); err != nil {
					t.Fatal(err)
				}
				executed = total.Instructions
				loaded, stored = total.BytesLoaded, total.BytesStored
			} else {
				for addr, n := range counts {
					for _, b := range p.rw.Blocks {
						if b.Addr == addr {
							executed += n * uint64(len(b.Insts))
							break
						}
					}
				}
			}
			at := map[uint64]uint64{}
			for _, b := range p.rw.Blocks {
				for i := range b.Insts {
					at[b.Insts[i].PC] += counts[b.Addr]
				}
			}
			for addr, n := range truth {
				if at[addr] != n {
					t.Fatalf("seed %d: %s: %d executions at %#x, want %d", seed, name, at[addr], addr-uint64(f.at), n)
				}
			}
			if executed != total.Instructions || loaded != total.BytesLoaded || stored != total.BytesStored {
				t.Fatalf("seed %d: %s: %d instructions, %d bytes loaded, %d stored; counted %d, %d, %d", seed, name,
					executed, loaded, stored, total.Instructions, total.BytesLoaded, total.BytesStored)
			}
		}()
	}
}

// generatedMemory maps memory for generated functions.
func generatedMemory(t testing.TB) uintptr {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	at, err := mapAnon(genSize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unmap(at, genSize) })
	return at
}

// ROOFLINE_GENERATED says how many functions are tried.
func TestGeneratedFunctions(t *testing.T) {
	at := generatedMemory(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	n := 300
	if testkit.Race { // one thread: few tell what the detector can
		n = 30
	}
	if s := os.Getenv("ROOFLINE_GENERATED"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range uint64(n) {
		checkGenerated(t, at, seed)
	}
}

func FuzzGenerated(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed << 40)
	}
	f.Add(uint64(109))   // a mask logged narrow, then used wide
	f.Add(uint64(55323)) // one block with more references than a batch holds
	at := generatedMemory(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		checkGenerated(t, at, seed)
	})
}
