package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/kernels/kerneltest"
)

var decodeForms = func() (forms []testForm) {
	for _, dtype := range []DType{F32, BF16, INT8} {
		forms = append(forms, testForm{"decode", cpu.Go, "naive", dtype, 1, newNaiveAttention})
	}
	for _, k := range []*decodeLanes{decodeF32AVX2, decodeF32AVX512, decodeBF16AVX2, decodeBF16AVX512, decodeBF16Dot, decodeINT8AVX2, decodeINT8AVX512, decodeINT8VNNI8, decodeINT8VNNI, decodeBF16AMX, decodeINT8AMX} {
		multiple := k.multiple
		if k.short > 0 { // the tests' other lengths are multiples
			multiple = 1
		}
		forms = append(forms, testForm{"decode", k.isa, k.variant, k.dtype, multiple, k.prepare})
	}
	for _, far := range []struct {
		of   *decodeLanes
		name string
		form func(decodeHead) decodeBlock
	}{
		{decodeF32AVX512, "memory", func(h decodeHead) decodeBlock { return h.memory }},
		{decodeF32AVX512, "partly", func(h decodeHead) decodeBlock { return h.partly }},
		{decodeBF16Dot, "partly", func(h decodeHead) decodeBlock { return h.partly }},
		{decodeF32AVX512, "plain", func(h decodeHead) decodeBlock { return h.block }},
		{decodeBF16Dot, "plain", func(h decodeHead) decodeBlock { return h.block }},
		{decodeF32AVX512, "full", func(h decodeHead) decodeBlock { return h.full }},
		{decodeBF16Dot, "full", func(h decodeHead) decodeBlock { return h.full }},
		{decodeBF16Dot, "fetched", func(h decodeHead) decodeBlock { return h.fetch }},
		{decodeINT8VNNI8, "narrow", func(h decodeHead) decodeBlock { return h.block }},
		{decodeINT8VNNI8, "wide", func(h decodeHead) decodeBlock { return h.wide }},
		{decodeINT8VNNI8, "far", func(h decodeHead) decodeBlock { return h.far }},
		{decodeINT8VNNI, "narrow", func(h decodeHead) decodeBlock { return h.block }},
		{decodeINT8VNNI, "wide", func(h decodeHead) decodeBlock { return h.wide }},
		{decodeINT8VNNI, "far", func(h decodeHead) decodeBlock { return h.far }},
		{decodeBF16AMX, "always", func(h decodeHead) decodeBlock { return h.block }},
		{decodeINT8AMX, "always", func(h decodeHead) decodeBlock { return h.block }},
	} {
		prepare := func(p *attentionProblem, workers int) (attentionPart, error) {
			k := *far.of
			k.heads, k.widening, k.takesFrom, k.inL2 = map[int]decodeHead{}, nil, decodeLeast{}, false
			for d, h := range far.of.heads {
				if block := far.form(h); block != nil { // not every length of rows has every form
					h.block, h.partly, h.memory, h.full, h.fetch, h.wide, h.far = block, block, block, block, block, block, block
				}
				k.heads[d] = h
			}
			return k.prepare(p, workers)
		}
		forms = append(forms, testForm{"decode", far.of.isa, far.of.variant + " " + far.name, far.of.dtype, far.of.multiple, prepare})
	}
	return forms
}()

func TestDecodeShapes(t *testing.T) {
	forEach(t, decodeForms, func(t *testing.T, form testForm) {
		for _, d := range []int{1, 5, 8, 16, 17, 24, 32, 33, 63, 64, 80, 95, 96, 112, 127, 128, 129, 177, 192, 208, 224, 255, 256} {
			if d%form.lanes != 0 {
				continue
			}
			t.Run(fmt.Sprintf("d=%d", d), func(t *testing.T) { // releases its operands
				for i, nkv := range slices.Concat(testKeys, []int{511, 512, 513, 1100}) {
					if testing.Short() && i%4 != d/8%4 {
						continue
					}
					pads := []int{i % 4}
					if (d == 64 || d == 128) && i%4 > 0 { // some have other code where rows follow each other
						pads = append(pads, 0)
					}
					for _, pad := range pads {
						checkGuarded(t, form, shape.Shape{H: 1 + i%3, Q: 1, KV: nkv, D: d}, pad, kerneltest.Workers[i%3])
					}
				}
			})
		}
	})
}

// Calls begin where steps do, whatever the length of rows: a step that is cut would be taken twice.
func TestDecodeCallsAreWholeSteps(t *testing.T) {
	for _, k := range []*decodeLanes{decodeF32AVX512, decodeBF16AVX512, decodeBF16Dot, decodeINT8VNNI8, decodeINT8VNNI} {
		for d := 1; d <= 300; d++ {
			if !k.takes(d) {
				continue
			}
			p := &attentionProblem{heads: 1, nq: 1, nkv: 1, d: d, k: operand{ld: d}, v: operand{ld: d}}
			if run := k.newRun(p, 1); run.keys < decodeStep || run.keys%decodeStep != 0 {
				t.Errorf("%s/%s, d=%d: %d keys a call, want whole steps", k.variant, k.dtype, d, run.keys)
			}
		}
	}
}

// TestDecodeLargeScores lets the maximum jump from key to key and from block to block, up and down.
func TestDecodeLargeScores(t *testing.T) {
	forEach(t, decodeForms, func(t *testing.T, form testForm) {
		for _, d := range []int{30, 64, 80, 96, 128, 180, 256} {
			if d%form.lanes != 0 {
				continue
			}
			for _, nkv := range []int{9, 600, 2000} {
				for name, factor := range map[string]func(key int) float32{
					"per key":   func(key int) float32 { return float32(1 + key%11*20) },
					"per block": func(key int) float32 { return []float32{1, 30, 0, 100}[key/512%4] },
					"upwards":   func(key int) float32 { return float32(key) / 20 },
				} {
					p := newAttentionProblem(shape.Shape{H: 2, Q: 1, KV: nkv, D: d}, 0)
					for j := range p.k.f32 {
						p.k.f32[j] *= factor(j / p.k.ld % p.nkv)
					}
					if checkRun(t, form, p, 1); t.Failed() {
						t.Fatalf("d=%d: with scores that jump %s", d, name)
					}
				}
			}
		}
	})
}

// Blocks of any number of steps give what the formula gives, with a maximum that jumps while weights of a block wait for their values.
func TestDecodeBlocks(t *testing.T) {
	for _, k := range []*decodeLanes{decodeINT8VNNI8, decodeINT8VNNI} {
		t.Run(k.variant, func(t *testing.T) {
			if err := cpu.Usable(k.isa); err != nil {
				testkit.SkipUnsupported(t, err)
			}
			for _, nkv := range []int{16, 48, 64, 400, 2000} {
				p := newAttentionProblem(shape.Shape{H: 1, Q: 1, KV: nkv, D: 128}, 0)
				for j := range p.k.f32 {
					p.k.f32[j] *= float32(1 + j/p.k.ld/37%7*5)
				}
				p.narrow("decode", INT8)
				p.weights = k.forRows(p).weights
				reference, scores := make([]float64, p.d), make([]float64, p.nkv)
				row := p.attentionReference(0, 0, reference, scores, 1)
				bound := attentionTolerance(p.d, p.nkv, p.precision(), row)
				w, run := k.newScratch(p), k.newRun(p, p.cacheBytes())
				head := k.forRows(p)
				for form, block := range map[string]decodeBlock{"narrow": head.block, "wide": head.wide, "far": head.far} {
					for _, steps := range []int{1, 2, 3, 4, 7, 64} {
						run.block, run.steps = block, steps
						run.piece(w, 0, span{0, nkv}, &p.o[0])
						if e := maxDifference(p.o[:p.d], reference); !(e <= bound) {
							t.Errorf("%s: %d keys in blocks of %d steps: error %v > %v", form, nkv, steps, e, bound)
						}
					}
				}
			}
		})
	}
}

func TestStepsPerBlock(t *testing.T) {
	c := caches{last: 32 << 20}
	if within, beyond := stepsPerBlock(c, 256, 8<<20), stepsPerBlock(c, 256, 32<<20); within <= beyond || beyond < 1 || within > 64 {
		t.Errorf("%d steps a block within the last cache and %d beyond it, want fewer beyond, from 1 to 64", within, beyond)
	}
	for _, bytes := range []int{8 << 20, 16 << 20, 32 << 20} { // pipes of full width take as many anywhere
		if got, want := stepsPerBlock(c, 512, bytes), stepsPerBlock(c, 256, 8<<20); got != want {
			t.Errorf("pipes of 512 bits: %d steps a block at %d bytes, want %d", got, bytes, want)
		}
	}
}

func TestDecodeBlockFor(t *testing.T) {
	form := func(name int) decodeBlock { return func(p *asm.DecodeKeys) { p.D = name } }
	all := decodeHead{block: form('b'), partly: form('p'), memory: form('m')}
	turns, ahead := all, all
	turns.memory, ahead.partly = nil, nil
	integers := decodeHead{block: form('b'), wide: form('w')}
	farIntegers, full := integers, all
	farIntegers.far, full.full = form('f'), form('l')
	fetched := full
	fetched.fetch = form('t')
	for _, test := range []struct {
		head       decodeHead
		pipes, mib int
		want       byte
	}{
		{all, 256, 10, 'b'}, {all, 256, 11, 'p'}, {all, 256, 22, 'p'}, {all, 256, 23, 'm'}, {turns, 256, 10, 'b'}, {turns, 256, 22, 'p'},
		{turns, 256, 23, 'b'}, {ahead, 256, 22, 'b'}, {ahead, 256, 23, 'm'}, {decodeHead{block: all.block}, 256, 23, 'b'},
		{all, 512, 22, 'p'}, {all, 512, 23, 'b'}, {all, 0, 23, 'm'},
		{integers, 256, 10, 'b'}, {integers, 512, 10, 'w'}, {integers, 0, 23, 'w'},
		{farIntegers, 256, 10, 'b'}, {farIntegers, 512, 1, 'w'}, {farIntegers, 512, 2, 'f'}, {farIntegers, 0, 23, 'f'},
		{full, 512, 1, 'l'}, {full, 512, 23, 'l'}, {full, 256, 1, 'b'}, {full, 0, 23, 'm'},
		{fetched, 512, 3, 'l'}, {fetched, 512, 4, 't'}, {fetched, 512, 16, 't'}, {fetched, 512, 17, 'l'}, {fetched, 256, 4, 'b'},
	} {
		var p asm.DecodeKeys
		if test.head.blockFor(caches{l2: 1 << 20, last: 30 << 20}, test.pipes, test.mib<<20, 1)(&p); p.D != int(test.want) {
			t.Errorf("%d MiB, pipes of %d bits take %c, want %c", test.mib, test.pipes, p.D, test.want)
		}
	}
}

// TestDecodeLargeValues lets values, and so the factors of rows of int8, grow and shrink by orders of magnitude.
func TestDecodeLargeValues(t *testing.T) {
	forEach(t, decodeForms, func(t *testing.T, form testForm) {
		for _, d := range []int{64, 80, 96, 128} {
			if d%form.lanes != 0 {
				continue
			}
			for name, factor := range map[string]func(key int) float64{
				"upwards":   func(key int) float64 { return math.Pow(1.05, float64(key)) },
				"downwards": func(key int) float64 { return math.Pow(0.95, float64(key)) },
				"and back":  func(key int) float64 { return math.Pow(10, float64(key/7%9-4)) },
				"to none":   func(key int) float64 { return float64(key / 50 % 2) },
			} {
				p := newAttentionProblem(shape.Shape{H: 2, Q: 1, KV: 500, D: d}, 0)
				for j := range p.v.f32 {
					p.v.f32[j] *= float32(factor(j / p.v.ld % p.nkv))
				}
				if checkRun(t, form, p, 1); t.Failed() {
					t.Fatalf("d=%d: with values that go %s", d, name)
				}
			}
		}
	})
}

// TestHeadsAreIndependent gives the first head infinite values: scratch that is used again must not carry them over.
func TestHeadsAreIndependent(t *testing.T) {
	for op, forms := range map[string][]testForm{"attention": attentionForms, "decode": decodeForms} {
		t.Run(op, func(t *testing.T) {
			forEach(t, forms, func(t *testing.T, form testForm) {
				s := shape.Shape{H: 3, Q: 1, KV: 40, D: 64}
				if op == "attention" {
					s.Q = 27
				}
				p := newAttentionProblem(s, 0)
				for i := range p.nkv * p.v.ld {
					p.v.f32[i] = float32(math.Inf(1))
				}
				p = form.take(p)
				part, err := form.prepare(p, 1)
				if err != nil {
					t.Fatal(err)
				}
				part(0)
				reference, scores := make([]float64, p.d), make([]float64, p.nkv)
				for h := 1; h < p.heads; h++ {
					for i := range p.nq {
						row := p.attentionReference(h, i, reference, scores, 1)
						bound := attentionTolerance(p.d, p.nkv, p.precision(), row)
						if e := maxDifference(p.oHead(h)[i*p.ldo:][:p.d], reference); !(e <= bound) {
							t.Errorf("head %d query %d: error %v", h, i, e)
						}
					}
				}
			})
		})
	}
}

func TestDecodeBuildChecksTheShape(t *testing.T) {
	for _, s := range []shape.Shape{{}, {H: 1, Q: 2, KV: 8, D: 8}, {H: 1, KV: 8}, {H: 1, KV: 8, D: 8, N: 3}} {
		if _, err := decodeKernels[0].Build(s, 1); err == nil {
			t.Errorf("Build(%+v) accepts an impossible shape", s)
		}
	}
	if _, err := decodeKernels[0].Build(shape.Shape{H: 1, KV: 8, D: 8}, 1); err != nil {
		t.Errorf("Build refuses a shape without q: %v", err)
	}
}
