package instrument

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// stress makes trouble until its context ends: garbage and forced collections, growing stacks, signals, a profile.
func stress(t testing.TB) (stop func(), collections *atomic.Int64) {
	done := make(chan struct{})
	collections = new(atomic.Int64)
	var wg sync.WaitGroup
	trouble := func(f func()) {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					f()
				}
			}
		})
	}
	var hold [][]byte
	trouble(func() {
		for range 300 {
			hold = append(hold, make([]byte, rand.IntN(4096)))
		}
		if len(hold) > 3000 {
			hold = nil
			runtime.GC()
			collections.Add(1)
		}
		time.Sleep(100 * time.Microsecond)
	})
	trouble(func() {
		grown := make(chan int)
		go func() { grown <- deep(200) }() // a fresh stack
		<-grown
		time.Sleep(time.Millisecond)
	})
	got := make(chan os.Signal, 1)
	signal.Notify(got, syscall.SIGUSR1)
	trouble(func() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGUSR1)
		<-got
		time.Sleep(300 * time.Microsecond)
	})
	profiling := pprof.StartCPUProfile(io.Discard) == nil
	return func() {
		if profiling {
			pprof.StopCPUProfile()
		}
		close(done)
		wg.Wait()
		signal.Stop(got)
	}, collections
}

// deep uses about a KiB of stack a level.
//
//go:noinline
func deep(levels int) int {
	var frame [1024]byte
	frame[levels&1023] = byte(levels)
	if levels == 0 {
		return 0
	}
	return deep(levels-1) + int(frame[levels&1023])
}

// ROOFLINE_STRESS says how many calls of assembly functions are made at least, e.g. 1000000.
func stressCalls(t testing.TB) int64 {
	s := os.Getenv("ROOFLINE_STRESS")
	if s == "" {
		return 3000
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Two threads run patched kernels and leave them in the middle, while the runtime is kept busy: results and counts stay what
// they are.
func TestStressPatched(t *testing.T) {
	var ids []string
	for _, k := range kernels.All() {
		if k.ISA != cpu.Go && cpu.Usable(k.ISA) == nil && k.Op != "copy" {
			ids = append(ids, k.ID())
		}
	}
	if len(ids) == 0 {
		testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	}
	small := map[string]string{"matmul": "50x70x90", "attention": "h=1,q=60,kv=100,d=64", "decode": "h=1,q=1,kv=100,d=64", "gemv": "40x333", "dot": "5003", "triad": "5003"}
	var wrong, calls, exits atomic.Int64
	for _, opt := range []Options{{Mode: rewrite.Count}, {Mode: rewrite.Trace, LogBytes: 4096}} {
		opt.ABI = blocks.GoABI0
		want := stressCalls(t) / 2
		calls.Store(0)
		p, err := New(assembly(), opt)
		if err != nil {
			t.Fatal(err)
		}
		undo := (func() error)(nil)
		type subject struct {
			id    string
			in    kernels.Instance
			print uint64
			total uint64
		}
		var subjects [2][]subject
		for w := range subjects {
			for _, id := range ids {
				op, _, _ := strings.Cut(mustFind(t, id).Op, ".") // parts take the shapes of the whole
				k, _, in := build(t, id, small[op], 1)
				in.Part(0)
				s := subject{id: k.ID(), in: in, print: fingerprint(in)}
				if in.Part(0); fingerprint(in) != s.print {
					continue // it goes on from what it left, as parts do that add to sums
				}
				s.total = countCall(t, in, 1).Instructions
				subjects[w] = append(subjects[w], s)
			}
		}
		stop, collections := stress(t)
		if undo, err = p.Patch(); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for w := range subjects {
			th, err := p.NewThread()
			if err != nil {
				t.Fatal(err)
			}
			traced := map[uint64]uint64{}
			th.SetSink(func(l *Log) {
				exits.Add(1)
				l.Counts(traced)
				l.References(func([]sim.Access) {})
				if exits.Load()%8 == 0 {
					runtime.Gosched()
					deep(20)
				}
			})
			wg.Go(func() {
				defer th.Close()
				for i := 0; calls.Load() < want; i++ {
					s := subjects[w][i%len(subjects[w])]
					clear(traced)
					th.Reset()
					if err := th.Run(func() { s.in.Part(0) }); err != nil {
						t.Error(err)
						wrong.Add(1)
						return
					}
					total, entries := executed(p, th, traced)
					calls.Add(int64(entries))
					if total != s.total || i%16 < 2 && fingerprint(s.in) != s.print {
						wrong.Add(1)
						t.Errorf("%s: %d instructions, want %d; fingerprint %x, want %x", s.id, total, s.total, fingerprint(s.in), s.print)
						return
					}
				}
			})
		}
		wg.Wait()
		if err := undo(); err != nil {
			t.Fatal(err)
		}
		stop()
		t.Logf("mode %d: %d calls, %d exits, %d forced collections, %d wrong", opt.Mode, calls.Load(), exits.Load(), collections.Load(), wrong.Load())
		p.Close()
	}
}

func mustFind(t testing.TB, id string) *kernels.Kernel {
	found, err := kernels.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return found[0]
}

// executed sums up what a thread has executed: instructions, and calls of functions.
func executed(p *Program, th *Thread, traced map[uint64]uint64) (total uint64, entries uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	counters := th.counters()
	for _, b := range p.rw.Blocks {
		n := traced[b.Addr]
		if b.Counter >= 0 {
			n = counters[b.Counter]
		}
		total += n * uint64(len(b.Insts))
		if p.byEntry[uintptr(b.Addr)] != nil {
			entries += n
		}
	}
	return total, entries
}

// The same for calls on a stack of their own, with exits during which the goroutine's stack moves.
func TestStressCalls(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX2))
	var dot Function
	for _, f := range assembly() {
		if f.Name == asmPackage+"DotAVX2F64" {
			dot = f
		}
	}
	p, err := New([]Function{dot}, Options{Mode: rewrite.Trace, ABI: blocks.GoABI0, LogBytes: 1024})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	const n = 20000
	a := make([]float64, n)
	for i := range a {
		a[i] = float64(i % 10)
	}
	want := 0.0
	for _, v := range a {
		want += v * v
	}
	stop, collections := stress(t)
	defer stop()
	var calls, moved atomic.Int64
	most := stressCalls(t) / 10
	var wg sync.WaitGroup
	for range 2 {
		th, err := p.NewThread()
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			defer th.Close()
			for calls.Load() < most {
				done := make(chan error)
				go func() { done <- freshStack(th, dot.Entry, a, want, &moved) }()
				if err := <-done; err != nil {
					t.Error(err)
					return
				}
				calls.Add(1)
			}
		})
	}
	wg.Wait()
	if moved.Load() == 0 {
		t.Error("no stack was moved")
	}
	t.Logf("%d calls, %d with a stack that moved, %d forced collections", calls.Load(), moved.Load(), collections.Load())
}

// freshStack calls on a goroutine whose small stack grows in an exit.
func freshStack(th *Thread, entry uintptr, a []float64, want float64, moved *atomic.Int64) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := th.bind(); err != nil {
		return err
	}
	th.bound = true // Run would enlarge the stack before
	defer func() { th.bound = false; unbind() }()
	var mark byte
	before, exits := stackOf(&mark), 0
	th.SetSink(func(l *Log) {
		exits++
		deep(50 * min(exits, 20))
	})
	args := Arguments{Ints: []uint64{address(a), address(a), uint64(len(a)), 0}}
	if _, err := th.Call(entry, &args); err != nil {
		return err
	}
	if stackOf(&mark) != before {
		moved.Add(1)
	}
	if got := math.Float64frombits(args.Ints[3]); got != want {
		return fmt.Errorf("dot product %g, want %g", got, want)
	}
	if exits < 3 {
		return fmt.Errorf("%d exits, want more", exits)
	}
	return nil
}

// stackOf is where a variable of the stack is at the moment.
//
//go:noinline
func stackOf(b *byte) uintptr { return uintptr(unsafe.Pointer(b)) }
