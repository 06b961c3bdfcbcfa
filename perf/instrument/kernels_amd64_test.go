package instrument

import (
	"hash/fnv"
	"maps"
	"reflect"
	"sync"
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

const asmPackage = "github.com/roofline-go/roofline/kernels/asm."

// assembly lists the kernels' functions.
var assembly = sync.OnceValue(func() []Function { return Assembly(asmPackage) })

// build makes an instance of a kernel, or skips where it cannot run.
func build(t testing.TB, id, size string, workers int) (*kernels.Kernel, shape.Shape, kernels.Instance) {
	t.Helper()
	found, err := kernels.Find(id)
	if err != nil || len(found) != 1 {
		t.Fatalf("find %s: %d, %v", id, len(found), err)
	}
	k := found[0]
	for _, isa := range append([]cpu.ISA{k.ISA}, k.Needs...) {
		testkit.SkipUnsupported(t, cpu.Usable(isa))
	}
	s := shape.Shape{}
	if size == "" {
		s = kernels.DefaultShape(k.Op)
	} else if s, err = shape.Parse(k.Op, size); err != nil {
		t.Fatal(err)
	}
	in, err := k.Build(s, workers)
	if err != nil {
		t.Fatal(err)
	}
	return k, s, in
}

// instrumented runs f with the kernels' functions patched.
func instrumented(t testing.TB, opt Options, f func(p *Program, th *Thread)) {
	t.Helper()
	p, err := New(assembly(), opt)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	th, err := p.NewThread()
	if err != nil {
		t.Fatal(err)
	}
	defer th.Close()
	undo, err := p.Patch()
	if err != nil {
		t.Fatal(err)
	}
	f(p, th)
	if err := undo(); err != nil {
		t.Fatal(err)
	}
}

// countCall counts one call of all parts.
func countCall(t testing.TB, in kernels.Instance, workers int) (total *Totals) {
	t.Helper()
	instrumented(t, Options{Mode: rewrite.Count, ABI: blocks.GoABI0}, func(_ *Program, th *Thread) {
		for w := range workers {
			if err := th.Run(func() { in.Part(w) }); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if total, err = th.Profile().Totals(); err != nil {
			t.Fatal(err)
		}
	})
	return total
}

// fingerprint hashes all numbers that an instance holds.
func fingerprint(v any) uint64 {
	h := fnv.New64a()
	seen := map[unsafe.Pointer]bool{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				return
			}
			if v.Kind() == reflect.Pointer {
				if seen[v.UnsafePointer()] {
					return
				}
				seen[v.UnsafePointer()] = true
			}
			walk(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice, reflect.Array:
			switch v.Type().Elem().Kind() {
			case reflect.Float32, reflect.Float64, reflect.Uint16, reflect.Int8, reflect.Int32:
				if v.Kind() == reflect.Slice && v.Len() > 0 {
					h.Write(unsafe.Slice((*byte)(v.UnsafePointer()), v.Len()*int(v.Type().Elem().Size())))
				}
			default:
				for i := range v.Len() {
					walk(v.Index(i))
				}
			}
		}
	}
	walk(reflect.ValueOf(v))
	return h.Sum64()
}

// sizes are shapes that meet the tails of every kernel.
var sizes = map[string][]string{
	"matmul":      {"1x1x1", "7x9x11", "3x70x19", "13x9x11", "100x65x1000", "37x130x321"},
	"matmul.pack": {"3x70x19", "37x130x321"}, "matmul.tiles": {"13x9x11", "37x130x321"},
	"attention": {"h=2,q=50,kv=70,d=64", "h=1,q=97,kv=200,d=96,causal"},
	"decode":    {"h=2,q=1,kv=100,d=64"},
	"gemv":      {"13x1001", "8x64"}, "dot": {"1001", "7"}, "triad": {"1001", "70001"}, "copy": {"1001", "3"},
}

// forEachKernel runs f for every assembly kernel that can run here and every shape of sizes.
func forEachKernel(t *testing.T, f func(t *testing.T, id, size string)) {
	for _, k := range kernels.All() {
		if k.ISA == cpu.Go {
			continue
		}
		for _, size := range sizes[k.Op] {
			t.Run(k.ID()+" "+size, func(t *testing.T) { f(t, k.ID(), size) })
		}
	}
}

// The trace must tell of the same executions and the same bytes as the counters do, and neither may change a result.
func TestTraceAgreesWithCounts(t *testing.T) {
	testkit.SkipRace(t, "runs in one goroutine")
	forEachKernel(t, func(t *testing.T, id, size string) {
		_, _, in := build(t, id, size, 1)
		in.Part(0)
		before := fingerprint(in)
		total := countCall(t, in, 1)
		if fingerprint(in) != before {
			t.Error("other results while counting than without instrumentation")
		}
		var loaded, stored, executed uint64
		var pieces int
		instrumented(t, Options{Mode: rewrite.Trace, ABI: blocks.GoABI0, LogBytes: 4096}, func(p *Program, th *Thread) {
			counts := map[uint64]uint64{}
			th.SetSink(func(l *Log) {
				pieces++
				l.Counts(counts)
				l.References(func(refs []sim.Access) {
					for _, r := range refs {
						if r.Kind == sim.LoadAccess {
							loaded += uint64(r.Size)
						} else {
							stored += uint64(r.Size)
						}
					}
				})
			})
			if err := th.Run(func() { in.Part(0) }); err != nil {
				t.Fatal(err)
			}
			for _, b := range p.rw.Blocks {
				executed += counts[b.Addr] * uint64(len(b.Insts))
			}
		})
		if fingerprint(in) != before {
			t.Error("other results while tracing than without instrumentation")
		}
		if executed != total.Instructions || loaded != total.BytesLoaded || stored != total.BytesStored {
			t.Errorf("trace of %d pieces: %d instructions, %d bytes loaded, %d stored; counted %d, %d, %d",
				pieces, executed, loaded, stored, total.Instructions, total.BytesLoaded, total.BytesStored)
		}
	})
}

// Simulated caches must count the same whether a log is replayed into them or listed first, in pieces of any size and under
// all policies of the innermost level.
func TestReplayCountsAsTheList(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates every kernel six times, with nothing concurrent in it")
	}
	sets := int64(8)
	forEachKernel(t, func(t *testing.T, id, size string) {
		_, _, in := build(t, id, size, 1)
		for _, policy := range []sim.Policy{sim.LRU, sim.TreePLRU, sim.QLRUH00M1R0U1} {
			config := sim.Config{Levels: []sim.Level{
				{Bytes: 64 * 12 * sets, Ways: 12, Policy: policy}, {Bytes: 64 * 16 * 4 * sets, Ways: 16, Policy: policy, Fill: sim.Inclusive}}}
			if policy == sim.LRU {
				config.Levels[0] = sim.Level{Bytes: 64 * 8 * sets, Ways: 8}
			}
			var counted [2]map[string]float64
			for i := range counted {
				system, err := sim.New(config)
				if err != nil {
					t.Fatal(err)
				}
				instrumented(t, Options{Mode: rewrite.Trace, ABI: blocks.GoABI0, LogBytes: 4096 << (4 * i)}, func(_ *Program, th *Thread) {
					th.SetSink(func(l *Log) {
						if i == 0 {
							l.Replay(system.Core(0))
						} else {
							l.References(system.Core(0).Run)
						}
					})
					if err := th.Run(func() { in.Part(0) }); err != nil {
						t.Fatal(err)
					}
				})
				counted[i] = system.Summary().Quantities()
			}
			if !maps.Equal(counted[0], counted[1]) || counted[0]["misses.L1"] == 0 {
				t.Errorf("%v: replayed\n%v\nlisted\n%v", policy, counted[0], counted[1])
			}
		}
	})
}
