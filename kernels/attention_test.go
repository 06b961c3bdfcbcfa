package kernels

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

// testForm is one implementation of attention or decode under test.
type testForm struct {
	op      string
	isa     cpu.ISA
	name    string
	dtype   DType
	lanes   int // d must be a multiple of it
	prepare attentionVariant
}

var attentionForms = []testForm{
	{"attention", cpu.Go, "naive", F32, 1, newNaiveAttention},
	{"attention", cpu.Go, "flash", F32, 1, newFlashAttention},
	{"attention", cpu.AVX2, "avx2", F32, 1, attentionAVX2.prepare},
	{"attention", cpu.AVX512, "avx512", F32, 1, attentionAVX512.prepare},
	{"attention", cpu.Go, "naive", BF16, 1, newNaiveAttention},
	{"attention", cpu.AVX512BF16, "avx512", BF16, 1, attentionBF16.prepare},
	{"attention", cpu.AMXBF16, "amx", BF16, 1, attentionAMX.prepare},
}

// takes says whether form is made for d.
func (form testForm) takes(d int) bool { return d%form.lanes == 0 }

// forEach runs f as a subtest for every form, skipping what cannot run here. Under the race detector nothing runs: parts are run in turn
// here, and at once by TestPartsRunAtOnce.
func forEach(t *testing.T, forms []testForm, f func(t *testing.T, form testForm)) {
	testkit.SkipRace(t, "runs in one goroutine")
	for _, form := range forms {
		t.Run(form.name+"/"+string(form.dtype), func(t *testing.T) {
			if err := cpu.Usable(form.isa); err != nil {
				testkit.SkipUnsupported(t, err)
			}
			f(t, form)
		})
	}
}

// guardedProblem makes operands of shape s, in the types that form takes, between guards; rows have pad elements of padding,
// which is NaN.
func guardedProblem(t testing.TB, form testForm, s shape.Shape, pad int) (*attentionProblem, *kerneltest.Operands) {
	ld := s.D + pad
	o := kerneltest.New(t)
	plain := newAttentionProblem(s, pad)
	plain.narrow(form.op, form.dtype)
	input := func(name string, rows int, from operand) operand {
		to := operand{ld: ld}
		switch from.dtype() {
		case BF16:
			to.bf16 = kerneltest.Input(o, name, rows, s.D, ld, func(i, j int) bf16 { return from.bf16[i*ld+j] })
		case INT8:
			to.int8 = kerneltest.Input(o, name, rows, s.D, ld, func(i, j int) int8 { return from.int8[i*ld+j] })
			to.scale = kerneltest.Input(o, name+" scale", rows, 1, 1, func(i, j int) float32 { return from.scale[i] })
		default:
			to.f32 = kerneltest.Input(o, name, rows, s.D, ld, func(i, j int) float32 { return from.f32[i*ld+j] })
		}
		return to
	}
	return &attentionProblem{
		heads: s.H, nq: s.Q, nkv: s.KV, d: s.D, causal: s.Causal,
		q: input("q", s.H*s.Q, plain.q), k: input("k", s.H*s.KV, plain.k), v: input("v", s.H*s.KV, plain.v),
		o: kerneltest.Output[float32](o, "o", s.H*s.Q, s.D, ld), ldo: ld,
	}, o
}

func (p *attentionProblem) String() string {
	return fmt.Sprintf("h=%d,q=%d,kv=%d,d=%d,causal=%v,ld=%d", p.heads, p.nq, p.nkv, p.d, p.causal, p.q.ld)
}

// take is p with operands of the type that form takes.
func (form testForm) take(p *attentionProblem) *attentionProblem {
	if p.k.dtype() == form.dtype {
		return p
	}
	narrow := *p
	narrow.narrow(form.op, form.dtype)
	return &narrow
}

// checkRun runs form on p, whose operands are of the type that form takes or made so, with so many workers and compares the
// output with the reference.
func checkRun(t testing.TB, form testForm, p *attentionProblem, workers int) {
	t.Helper()
	p = form.take(p)
	part, err := form.prepare(p, workers)
	if err != nil {
		t.Fatal(err)
	}
	result := p.verify(part, workers)
	if !(result.MaxError <= result.Tolerance) {
		t.Errorf("%s %s, %d workers: error %.3g > %.3g", form.name, p, workers, result.MaxError, result.Tolerance)
	}
}

// checkGuarded is checkRun on fresh guarded operands, and checks the guards.
func checkGuarded(t testing.TB, form testForm, s shape.Shape, pad, workers int) {
	t.Helper()
	p, operands := guardedProblem(t, form, s, pad)
	checkRun(t, form, p, workers)
	if err := operands.Check(); err != nil {
		t.Errorf("%s %s, %d workers: %v", form.name, p, workers, err)
	}
}

// Sizes to test: one, odd numbers, block sizes and their neighbours, more than one key block.
var (
	testQueries = []int{1, 3, 8, 15, 16, 17, 23, 24, 25, 31, 33, 47, 48, 49, 63, 70}
	testKeys    = []int{1, 2, 7, 8, 9, 17, 31, 63, 64, 65, 96, 97, 130}
)

func TestAttentionShapes(t *testing.T) {
	every := 5
	if testing.Short() {
		every = 17
	}
	forEach(t, attentionForms, func(t *testing.T, form testForm) {
		sizes := []int{16, 1, 5, 8, 24, 33, 40, 50, 64, 80, 128}
		if form.isa == cpu.AMXBF16 { // whose steps of 32 carry other work with them
			sizes = append(sizes, 32, 96, 160)
		}
		for n, d := range sizes {
			if !form.takes(d) {
				continue
			}
			t.Run(fmt.Sprintf("d=%d", d), func(t *testing.T) { // releases its operands
				for i, nq := range testQueries {
					for j, nkv := range testKeys {
						if (n > 0 || testing.Short()) && (i+j)%every != n%every {
							continue // every pair at d = 16, every fifth elsewhere
						}
						s := shape.Shape{H: 1 + (i+j)%3, Q: nq, KV: nkv, D: d}
						checkGuarded(t, form, s, (i+2*j)%4, kerneltest.Workers[j%3])
						if s.Causal = true; checkAttention(s) == nil {
							checkGuarded(t, form, s, (2*i+j)%3, kerneltest.Workers[i%3])
						}
					}
				}
			})
		}
	})
}

func FuzzAttention(f *testing.F) {
	f.Add(uint8(1), uint8(17), uint8(33), uint8(23), uint8(0), uint8(1), true, float32(1))
	f.Add(uint8(2), uint8(50), uint8(120), uint8(70), uint8(3), uint8(2), false, float32(30))
	f.Fuzz(func(t *testing.T, h, q, kv, columns, pad, workers uint8, causal bool, scale float32) {
		s := shape.Shape{H: 1 + int(h)%3, Q: 1 + int(q), KV: 1 + int(kv), D: 1 + int(columns), Causal: causal}
		if checkAttention(s) != nil || !(scale >= 0 && scale <= 1000) {
			t.Skip("not a problem")
		}
		for _, form := range attentionForms {
			if cpu.Usable(form.isa) != nil || !form.takes(s.D) {
				continue
			}
			p := newAttentionProblem(s, int(pad)%8)
			for i := range p.q.f32 {
				p.q.f32[i] *= scale
			}
			checkRun(t, form, p, 1+int(workers)%4)
		}
	})
}

// Part must allocate nothing: the garbage collector is held off while kernels are timed.
func TestPartAllocatesNothing(t *testing.T) {
	for _, k := range slices.Concat(attentionKernels, decodeKernels) {
		t.Run(k.ID(), func(t *testing.T) {
			if err := usable(k.Needs); err != nil {
				testkit.SkipUnsupported(t, err)
			}
			instance, err := k.Build(shape.Shape{H: 2, Q: map[string]int{"attention": 70, "decode": 1}[k.Op], KV: 130, D: 64}, 2)
			if err != nil {
				t.Fatal(err)
			}
			if n := testing.AllocsPerRun(5, func() { instance.Part(0); instance.Part(1) }); n != 0 {
				t.Errorf("a call allocates %v times", n)
			}
		})
	}
}

func TestBuildRefusesRowsThatAreNoVectors(t *testing.T) {
	for _, k := range slices.Concat(attentionKernels, decodeKernels) {
		s := shape.Shape{H: 1, Q: 1, KV: 8, D: 20}
		if k.Fits == nil || k.Fits(s) == nil || usable(k.Needs) != nil {
			continue
		}
		var e *ShapeError
		if _, err := k.Build(s, 1); !errors.As(err, &e) {
			t.Errorf("%s: Build of d=20: %v, want a *ShapeError", k.ID(), err)
		}
	}
}

// What an implementation cannot take is known before anything is built, on any machine, and the cure helps.
func TestKernelCheck(t *testing.T) {
	for _, k := range slices.Concat(attentionKernels, decodeKernels) {
		anyRow := k.ISA == cpu.Go || k.Op == "attention" || k.ID() == "decode/avx512/f32" || k.Variant == "dot" || k.ID() == "decode/amx/bf16"
		for d, fits := range map[int]bool{
			64: true, 4096: true, 4097: false, 20: anyRow,
			24: anyRow || k.ISA == cpu.AVX2 && k.DType != BF16, // decode: a load of bf16 gives two vectors
			8:  anyRow || k.ISA == cpu.AVX2 && k.DType != BF16,
		} {
			err := k.Check(shape.Shape{H: 1, Q: 1, KV: 8, D: d})
			var e *ShapeError
			if fits != (err == nil) || !fits && (!errors.As(err, &e) || e.Cure == "") {
				t.Errorf("%s: Check of d=%d: %v", k.ID(), d, err)
			}
		}
	}
	for _, c := range []struct {
		fits func(shape.Shape) error
		d    int
		want string
	}{
		{decodeKernels[1].Check, 20, "check shape of decode: decode/avx2 needs d divisible by 8, not d=20 (use d=24 or decode/naive)"},
		{wholeVectors("decode", "avx512", 256, 16), 301, "check shape of decode: decode/avx512 needs d divisible by 16 beyond 256, not d=301 (use d=304 or decode/naive)"},
	} {
		if err := c.fits(shape.Shape{H: 1, KV: 8, D: c.d}); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// Rows so long that a call takes fewer keys at a time.
func TestLargestHeads(t *testing.T) {
	for d, want := range map[int]int{16: 96, 1024: 96, 2048: 48, 4096: 24} {
		if got := keysPerCall(96, d); got != want {
			t.Errorf("%d keys per call at d=%d, want %d", got, d, want)
		}
	}
	forEach(t, attentionForms, func(t *testing.T, form testForm) {
		checkGuarded(t, form, shape.Shape{H: 1, Q: 5, KV: 61, D: maxHeadSize, Causal: true}, 1, 1)
		checkGuarded(t, form, shape.Shape{H: 1, Q: 70, KV: 97, D: 1056}, 1, 1) // where keysPerCall cuts what a tile takes
	})
	forEach(t, decodeForms, func(t *testing.T, form testForm) {
		checkGuarded(t, form, shape.Shape{H: 1, Q: 1, KV: 300, D: maxHeadSize}, 1, 1)
	})
}
