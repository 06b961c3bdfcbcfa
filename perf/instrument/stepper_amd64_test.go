package instrument

import (
	"encoding/binary"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// step is the state before an instruction, as the processor's single-step trap shows it.
type step struct {
	rip  uint64
	gprs [16]uint64
}

// contextOrder is the order of the registers in a signal's context.
var contextOrder = [16]int{8, 9, 10, 11, 12, 13, 14, 15, di, si, bp, bx, dx, ax, cx, sp}

const (
	contextBytes = 23 * 8 // of the saved registers, RIP at word 16
	trapFlag     = 1 << 8
	mostSteps    = 1 << 16
)

// stepper runs code one instruction at a time and records all registers before each.
type stepper struct {
	code uintptr // handler and entry, then a page with the pointer to the records
	log  uintptr
}

func newStepper(t testing.TB) *stepper {
	s := &stepper{}
	var err error
	if s.code, err = mapAnon(2 * page); err != nil {
		t.Fatal(err)
	}
	if s.log, err = mapAnon(mostSteps * contextBytes); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unmap(s.code, 2*page); unmap(s.log, mostSteps*contextBytes) })
	g := newGenerator(0, 0, false)
	g.legacy(0, true, []byte{0x8d}, si, operand{mem: true, base: dx, index: -1, disp: 40}, nil) // lea rsi, saved registers
	g.legacy(0, true, []byte{0x8b}, di, rip(page), nil)
	g.b(0xb9)
	g.i32(contextBytes / 8)
	g.b(0xf3, 0x48, 0xa5)                               // rep movsq
	g.legacy(0, true, []byte{0x89}, di, rip(page), nil) // the next record
	g.b(0xc3)                                           //
	for len(g.code) < 256 {                             // entry
		g.b(0x90)
	}
	set := func(ext uint8, v int) { // change the trap flag
		g.b(0x9c)
		g.legacy(0, true, []byte{0x81}, ext, operand{mem: true, base: sp, index: -1}, imm32(v))
		g.b(0x9d)
	}
	set(1, trapFlag)
	g.legacy(0, false, []byte{0xff}, 2, rip(page+8), nil) // call
	set(4, ^trapFlag)
	g.b(0xc3)
	copy(view(s.code, page), g.code)
	if err := unix.Mprotect(view(s.code, page), unix.PROT_READ|unix.PROT_EXEC); err != nil {
		t.Fatal(err)
	}
	return s
}

// run steps through the function at entry. The trap flag must stay set while it runs.
func (s *stepper) run(t testing.TB, entry uintptr) []step {
	var old, mine sigaction
	act := func(set, get *sigaction) {
		if _, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGTRAP), uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(get)), 8, 0, 0); errno != 0 {
			t.Fatal(errno)
		}
	}
	act(nil, &old)
	mine = old
	mine.handler = s.code
	*word(s.code + page) = uint64(s.log)
	*word(s.code + page + 8) = uint64(entry)
	act(&mine, nil)
	enter(s.code + 256)
	act(&old, nil)
	n := int(*word(s.code + page)-uint64(s.log)) / contextBytes
	if n > mostSteps {
		t.Fatalf("%d steps", n)
	}
	steps := make([]step, n)
	for i := range steps {
		at := s.log + uintptr(i*contextBytes)
		for k, r := range contextOrder {
			steps[i].gprs[r] = *word(at + uintptr(8*k))
		}
		steps[i].rip = *word(at + 16*8)
	}
	return steps
}

// touch is an access as a step or a record of the log tells it.
type touch struct {
	pc, addr uint64
	kind     sim.Kind
}

// The trace's addresses are those that the processor computed. What masks leave out, other tests compare; here an access
// under a mask counts by the address of its first lane alone.
func TestTracedAddresses(t *testing.T) {
	at := generatedMemory(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s := newStepper(t)
	for seed := range uint64(40) {
		f := newGenerated(t, at, seed, noFlagsInRegisters)
		flags := f.start[flagsOff:]
		was := binary.LittleEndian.Uint64(flags)
		binary.LittleEndian.PutUint64(flags, was|trapFlag)
		var steps []step
		f.run(func() { steps = s.run(t, at) })
		binary.LittleEndian.PutUint64(flags, was)
		elsewhere := func(a touch) bool { return a.addr-f.base >= genSize } // the return to the caller
		want := slices.DeleteFunc(f.touches(t, steps), elsewhere)
		got := slices.DeleteFunc(f.traced(t), elsewhere)
		if len(want) < 10 {
			t.Errorf("seed %d: only %d accesses", seed, len(want))
		}
		for i := range min(len(want), len(got)) {
			if want[i] != got[i] {
				in, _ := decode.Decode(f.code[got[i].pc-uint64(at):], got[i].pc)
				t.Fatalf("seed %d: access %d: traced %x, the processor had %x: %v at %#x", seed, i, got[i], want[i], &in, got[i].pc-uint64(at))
			}
		}
		if len(want) != len(got) {
			t.Fatalf("seed %d: %d accesses traced, the processor had %d", seed, len(got), len(want))
		}
	}
}

// comparable reports accesses whose addresses general registers alone tell.
func comparable(in *decode.Inst) bool {
	return in.Attr&(decode.LaneMasked|decode.VectorMasked|decode.Gather|decode.Scatter|decode.Compress|decode.Expand|decode.Repeated) == 0
}

// touches computes the accesses from the registers at each step.
func (f *generated) touches(t testing.TB, steps []step) (list []touch) {
	low, high := uint64(f.at), uint64(f.at)+uint64(len(f.code))
	for _, s := range steps {
		if s.rip < low || s.rip >= high {
			continue
		}
		in, err := decode.Decode(f.code[s.rip-low:], s.rip)
		if err != nil {
			t.Fatal(err)
		}
		if !comparable(&in) {
			continue
		}
		add := func(m *decode.MemOperand) {
			addr := uint64(m.Disp)
			if m.Base == decode.RIP {
				addr += in.Next()
			} else if m.Base >= 0 {
				addr += s.gprs[m.Base]
			}
			if m.Index >= 0 {
				addr += s.gprs[m.Index] * uint64(m.Scale)
			}
			if in.Attr&decode.BitString != 0 {
				bits := int64(8 * m.Size)
				bit := int64(s.gprs[in.Args[1].Reg]) << (64 - bits) >> (64 - bits)
				word := bit / bits
				if bit%bits < 0 {
					word--
				}
				addr += uint64(word * int64(m.Size))
			}
			if m.Access.Reads() {
				list = append(list, touch{s.rip, addr, sim.LoadAccess})
			}
			if m.Access.Writes() {
				list = append(list, touch{s.rip, addr, sim.StoreAccess})
			}
		}
		if in.HasMem {
			add(&in.Mem)
		}
		mem, n := in.Implicit()
		for i := range mem[:n] {
			add(&mem[i])
		}
	}
	return list
}

// traced takes the accesses from the log of a copy.
func (f *generated) traced(t testing.TB) (list []touch) {
	p, err := New([]Function{{Name: "generated", Entry: f.at, Size: len(f.code)}}, Options{Mode: rewrite.Trace, ABI: blocks.GoABI0, LogBytes: 4096})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	th, err := p.NewThread()
	if err != nil {
		t.Fatal(err)
	}
	defer th.Close()
	th.SetSink(func(l *Log) {
		for w := l.words; len(w) > 0; {
			if w[0]&rewrite.LoopMark != 0 {
				n := 1 + len(p.rw.Loops[w[0]&^rewrite.LoopMark].Slots)
				(&Log{th, w[:n]}).References(nil)
				w = w[n:]
				continue
			}
			b := p.rw.Blocks[w[0]]
			all := b.Access
			for i := range all {
				in := &b.Insts[all[i].Inst]
				if !comparable(in) {
					continue
				}
				b.Access = all[i : i+1] // one at a time, to know whose it is
				th.quick.blocks = nil
				(&Log{th, w[:b.Words]}).References(func(refs []sim.Access) {
					for _, r := range refs {
						list = append(list, touch{in.PC, r.Addr, r.Kind})
					}
				})
			}
			b.Access = all
			w = w[b.Words:]
		}
	})
	f.run(func() {
		if _, err := th.Call(f.at, &Arguments{}); err != nil {
			t.Fatal(err)
		}
	})
	return list
}
