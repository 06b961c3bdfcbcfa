package known

import (
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/perf"
)

// Kernel is a workload of known work on one worker. Kernels of one Set share memory and a worker: they are for one user at
// a time.
type Kernel struct {
	Name    string
	About   string
	ISA     cpu.ISA
	DType   string     // of its operations; "" for kernels without
	Width   perf.Width // of its operations
	Home    string     // L1, L2, L3, DRAM: the level that serves its memory; "" for compute kernels
	Quick   bool       // part of the quick verification
	Flushes bool       // flushes lines on its way: for sources that observe the hardware's caches only

	work     Tally // of one call
	expected map[perf.Quantity]Expect
	run      func()
	pool     *workers.Pool
}

// Expect is what a source must count for one call: a value between Lo and Hi, which are equal where the work is sharp. Errors
// are relative to Scale: Hi itself, or where nothing is expected a value that something of the kind could have.
type Expect struct{ Lo, Hi, Scale float64 }

// Error is the relative error of a counted value: 0 within Lo and Hi, else its distance from the nearer bound over Scale.
func (e Expect) Error(counted float64) float64 {
	switch {
	case counted < e.Lo:
		return (counted - e.Lo) / e.Scale
	case counted > e.Hi:
		return (counted - e.Hi) / e.Scale
	}
	return 0
}

// Sharp says whether there is one expected value.
func (e Expect) Sharp() bool { return e.Lo == e.Hi }

func exactly(v float64) Expect { return Expect{v, v, v} }

// near expects a value that may be small or 0, with errors relative to scale.
func near(v, scale float64) Expect { return Expect{v, v, max(v, scale)} }

func between(lo, hi float64) Expect { return Expect{lo, hi, hi} }

// ID implements perf.Workload, as do the other methods.
func (k *Kernel) ID() string { return "known work " + k.Name }

// Workers returns 1.
func (k *Kernel) Workers() int { return 1 }

// OnEach runs f on the set's worker, an OS thread pinned to one CPU.
func (k *Kernel) OnEach(f func(worker int) error) error { return k.pool.Each(f) }

// Part makes one call.
func (k *Kernel) Part(int) { k.run() }

// Assembly names the functions that do the work, for sources that instrument them.
func (k *Kernel) Assembly() []string { return []string{"github.com/roofline-go/roofline/perf/known."} }

// Declared returns the expected values that are sharp.
func (k *Kernel) Declared() map[perf.Quantity]float64 {
	d := make(map[perf.Quantity]float64, len(k.expected))
	for q, e := range k.expected {
		if e.Sharp() {
			d[q] = e.Lo
		}
	}
	return d
}

// Expected returns what a source must count for one call, of every quantity that the kernel determines.
func (k *Kernel) Expected() map[perf.Quantity]Expect { return k.expected }

// Work returns what one call executes.
func (k *Kernel) Work() Tally { return k.work }

// expectWork fills in what follows from the instructions alone. Loads and stores of the frame around a compute loop are few:
// their errors are relative to the instructions. calls is how often the assembly is called: where the Go code around so many
// calls would be noticed, nothing sharp is expected.
func (k *Kernel) expectWork(calls int) {
	w := k.work
	k.expected = map[perf.Quantity]Expect{
		perf.Instructions: exactly(w.Instructions),
		perf.Loads:        near(w.Loads, w.Instructions),
		perf.Stores:       near(w.Stores, w.Instructions),
		perf.BytesLoaded:  near(w.BytesLoaded, 8*w.Instructions),
		perf.BytesStored:  near(w.BytesStored, 8*w.Instructions),
		perf.BytesL1:      near(w.BytesLoaded+w.BytesStored, 8*w.Instructions),
	}
	n := float64(calls)
	around := Tally{Instructions: 20 + 40*n, Loads: 10 + 15*n, Stores: 10 + 15*n} // as emulated processors count them
	for q, n := range map[perf.Quantity]float64{
		perf.Instructions: around.Instructions, perf.Loads: around.Loads, perf.Stores: around.Stores,
		perf.BytesLoaded: 8 * around.Loads, perf.BytesStored: 8 * around.Stores, perf.BytesL1: 8 * (around.Loads + around.Stores),
	} {
		if n > noticed*k.expected[q].Scale {
			delete(k.expected, q)
		}
	}
	for _, d := range []string{"f64", "f32", "f16", "bf16", "int8"} {
		for _, width := range []perf.Width{perf.Scalar, perf.Bits128, perf.Bits256, perf.Bits512, perf.Tile, ""} {
			k.expected[operations(d, width)] = near(0, max(w.Ops, w.Instructions))
		}
	}
	k.expected[perf.FLOPs] = near(0, max(w.Ops, w.Instructions))
	if k.DType == "" {
		return
	}
	k.expected[operations(k.DType, k.Width)] = exactly(w.Ops)
	k.expected[operations(k.DType, "")] = exactly(w.Ops)
	if k.DType != "int8" {
		k.expected[perf.FLOPs] = exactly(w.Ops)
	}
}

// noticed is half of what a verified counter of retired instructions may be off.
const noticed = 0.0005

// operations is the quantity that counts the operations of a type.
func operations(dtype string, width perf.Width) perf.Quantity {
	if dtype == "int8" {
		return perf.IntOpsOf(dtype, width)
	}
	return perf.FLOPsOf(dtype, width)
}
