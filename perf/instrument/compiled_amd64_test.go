package instrument

import (
	"debug/elf"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// compiled is testdata/kernels.c in this process.
type compiled struct {
	functions []Function
	entry     map[string]uintptr
}

// compile builds the kernels without a library and maps them: nothing in them needs to be relocated.
func compile(t *testing.T, flags ...string) *compiled {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	file := filepath.Join(t.TempDir(), "kernels.so")
	args := append([]string{"-shared", "-fPIC", "-nostdlib", "-fvisibility=hidden", "-fno-stack-protector", "-fno-tree-loop-distribute-patterns", "-Wl,-Bsymbolic", "-o", file}, flags...)
	if out, err := exec.Command(gcc, append(args, "testdata/kernels.c")...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var size uint64
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			size = max(size, p.Vaddr+p.Memsz)
		}
	}
	size = (size + page - 1) &^ (page - 1)
	base, err := mapAnon(uintptr(size))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unmap(base, uintptr(size)) })
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			if _, err := p.ReadAt(view(base+uintptr(p.Vaddr), int(p.Filesz)), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := unix.Mprotect(view(base, int(size)), unix.PROT_READ|unix.PROT_EXEC); err != nil {
		t.Fatal(err)
	}
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	c := &compiled{entry: map[string]uintptr{}}
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Size > 0 {
			at := base + uintptr(s.Value)
			c.functions = append(c.functions, Function{Name: s.Name, Entry: at, Size: int(s.Size)})
			c.entry[s.Name] = at
		}
	}
	return c
}

func address[T any](s []T) uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(s)))) }

// targets are processors to compile for, with what is needed to run the code.
var targets = []struct {
	name  string
	flags []string
	needs []cpu.ISA
}{
	{"avx2", []string{"-mavx2", "-mfma"}, []cpu.ISA{cpu.AVX2}},
	{"avx512", []string{"-march=skylake-avx512", "-mprefer-vector-width=512"}, []cpu.ISA{cpu.AVX512}},
	{"fp16+amx", []string{"-march=sapphirerapids", "-mprefer-vector-width=512"}, []cpu.ISA{cpu.AVX512FP16, cpu.AMXBF16}},
}

// Everything that gcc makes of the kernels is understood, in both modes, whether or not it can run here. Where it can, the
// kernels compute what Go computes and execute the operations that are written in C.
func TestCompiledKernels(t *testing.T) {
	levels := []string{"-O1", "-O2", "-O3"}
	if testing.Short() {
		levels = levels[1:2]
	}
	for _, target := range targets {
		for _, level := range levels {
			t.Run(target.name+level, func(t *testing.T) {
				c := compile(t, append([]string{level}, target.flags...)...)
				c.understand(t)
				t.Run("run", func(t *testing.T) {
					for _, isa := range target.needs {
						testkit.SkipUnsupported(t, cpu.Usable(isa))
					}
					for _, k := range compiledKernels() {
						t.Run(k.name, func(t *testing.T) {
							c.check(t, k, rewrite.Count)
							c.check(t, k, rewrite.Trace)
						})
					}
				})
			})
		}
	}
}

func (c *compiled) understand(t *testing.T) {
	if want := 10; len(c.functions) < want {
		t.Fatalf("%d functions, want %d at least", len(c.functions), want)
	}
	for _, mode := range []rewrite.Mode{rewrite.Count, rewrite.Trace} {
		p, err := New(c.functions, Options{Mode: mode, ABI: blocks.SysV})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range p.functions {
			if err := p.translate(f); err != nil {
				t.Error(err)
			}
		}
		p.Close()
	}
}

// cKernel is a call and what must come of it.
type cKernel struct {
	name string
	args Arguments
	keep []any
	// after checks the results; it resets the operands, too.
	after func(r Result) error
	flops uint64 // exactly
}

func (c *compiled) check(t *testing.T, k *cKernel, mode rewrite.Mode) {
	t.Helper()
	p, err := New(c.functions, Options{Mode: mode, ABI: blocks.SysV, LogBytes: 4096})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	th, err := p.NewThread()
	if err != nil {
		t.Fatal(err)
	}
	defer th.Close()
	traced := map[uint64]uint64{}
	th.SetSink(func(l *Log) { l.Counts(traced) })
	for range 2 {
		th.Reset()
		r, err := th.Call(c.entry[k.name], &k.args)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.after(r); err != nil {
			t.Error(err)
		}
	}
	if mode == rewrite.Trace {
		if traced[uint64(c.entry[k.name])] != 2 {
			t.Errorf("traced %d entries of %s, want 2", traced[uint64(c.entry[k.name])], k.name)
		}
		return
	}
	total, err := th.Profile().Totals()
	if err != nil {
		t.Fatal(err)
	}
	if total.FLOPs() != k.flops {
		t.Errorf("%d FLOPs, want %d (%v)", total.FLOPs(), k.flops, total.Operations)
	}
}

func compiledKernels() []*cKernel {
	small := func(n int) []float64 {
		s := make([]float64, n)
		for i := range s {
			s[i] = float64(i%13) - 6
		}
		return s
	}
	var list []*cKernel
	add := func(name string, flops int, args Arguments, after func(r Result) error, keep ...any) {
		list = append(list, &cKernel{name, args, keep, after, uint64(flops)})
	}
	{
		a, b, n := small(1003), small(1003), 1003
		want := 0.0
		for i := range a {
			want += a[i] * b[i]
		}
		add("dot", 2*n, Arguments{Ints: []uint64{address(a), address(b), uint64(n)}}, func(r Result) error { return equal(r.Float64(), want) }, a, b)
	}
	{
		n := 777
		x, y := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i] = float32(i % 7)
		}
		add("axpy", 2*n, Arguments{Ints: []uint64{address(y), address(x), uint64(n)}, Floats: []uint64{uint64(math.Float32bits(3))}}, func(Result) error {
			for i := range y {
				if y[i] != 3*x[i] {
					return fmt.Errorf("y[%d] = %g, want %g", i, y[i], 3*x[i])
				}
			}
			clear(y)
			return nil
		}, x, y)
	}
	{
		n := 33
		a, b, c := small(n*n), small(n*n), make([]float64, n*n)
		add("matmul", 2*n*n*n, Arguments{Ints: []uint64{address(c), address(a), address(b), uint64(n)}}, func(Result) error {
			defer clear(c)
			for i := range n {
				for j := range n {
					want := 0.0
					for k := range n {
						want += a[i*n+k] * b[k*n+j]
					}
					if err := equal(c[i*n+j], want); err != nil {
						return err
					}
				}
			}
			return nil
		}, a, b, c)
	}
	{
		rows, per := 50, 17
		v, x, y := make([]float32, rows*per), make([]float32, 300), make([]float32, rows)
		col, row := make([]int32, rows*per), make([]int32, rows+1)
		for i := range v {
			v[i], col[i] = float32(i%5), int32(i*7919%300)
		}
		for i := range x {
			x[i] = float32(i % 9)
		}
		for i := range row {
			row[i] = int32(i * per)
		}
		add("spmv", 2*rows*per, Arguments{Ints: []uint64{address(y), address(v), address(col), address(row), address(x), uint64(rows)}}, func(Result) error {
			defer clear(y)
			for i := range y {
				want := float32(0)
				for k := i * per; k < (i+1)*per; k++ {
					want += v[k] * x[col[k]]
				}
				if err := equal(float64(y[i]), float64(want)); err != nil {
					return err
				}
			}
			return nil
		}, v, x, y, col, row)
	}
	{
		a, m, n := small(40*25), 40, 25
		want := 0.0
		for i := range m {
			w := 1 + float64(i)
			s := w
			for j := range n {
				s += a[i*n+j] * w
			}
			want += s
		}
		add("calls", 2*m*n+2*m, Arguments{Ints: []uint64{address(a), uint64(m), uint64(n)}}, func(r Result) error { return equal(r.Float64(), want) }, a)
	}
	add("recursion", 0, Arguments{Ints: []uint64{15}}, func(r Result) error { return equal(float64(r.RAX), 610) })
	{
		p, r := make([]int32, 3000), uint32(0)
		for i := range p {
			p[i] = int32(i * 7919 % 10)
			switch p[i] {
			case 0:
				r += 3
			case 1:
				r ^= 9
			case 2:
				r *= 7
			case 3:
				r -= 11
			case 4:
				r |= 32
			case 5:
				r += uint32(i)
			case 6:
				r = ^r
			case 7:
				r = r<<3 | r>>29
			default:
				r++
			}
		}
		add("switches", 0, Arguments{Ints: []uint64{address(p), uint64(len(p))}}, func(got Result) error { return equal(float64(uint32(got.RAX)), float64(r)) }, p)
	}
	add("manyargs", 2, Arguments{Ints: []uint64{1, 2, 3, 4, 5, 6, 7, 8}, Floats: []uint64{math.Float64bits(0.5), math.Float64bits(3)}},
		func(r Result) error { return equal(r.Float64(), 204*0.5+3) })
	return list
}

func equal(got, want float64) error {
	if got != want {
		return fmt.Errorf("result %g, want %g", got, want)
	}
	return nil
}
