package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/testkit"
)

// fakeWays run on a clock of their own: of each the time of a run, and how much longer one run of it is disturbed, by number.
type fakeWays struct {
	now       time.Duration
	runs      []int
	disturbed map[int]time.Duration
}

func (f *fakeWays) make(each ...time.Duration) (ways []func()) {
	f.runs = make([]int, len(each))
	for i, took := range each {
		ways = append(ways, func() {
			f.runs[i]++
			f.now += took + f.disturbed[i*100+f.runs[i]]
		})
	}
	return ways
}

func (f *fakeWays) trial() trial { return trial{func() time.Duration { return f.now }} }

func TestTrialChooses(t *testing.T) {
	ms, us := time.Millisecond, time.Microsecond
	for _, tt := range []struct {
		name      string
		each      []time.Duration
		disturbed map[int]time.Duration
		want      int
	}{
		{"one", []time.Duration{ms}, nil, 0},
		{"the fastest", []time.Duration{10 * ms, 12 * ms, 9 * ms, 9500 * us}, nil, 2},
		{"the first unless another is clearly faster", []time.Duration{1000 * us, 985 * us, 1100 * us}, nil, 0},
		{"short runs", []time.Duration{300, 280, 310}, nil, 1},
		{"one disturbed turn", []time.Duration{2 * ms, ms}, map[int]time.Duration{101: 5 * ms, 102: 9 * ms}, 1},
		{"a disturbance of the first", []time.Duration{ms, 1100 * us}, map[int]time.Duration{3: 9 * ms}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fakeWays{disturbed: tt.disturbed}
			ways := f.make(tt.each...)
			if got := f.trial().fastest(ways); got != tt.want {
				t.Errorf("chose %d, want %d", got, tt.want)
			}
		})
	}
}

// A trial of short runs ends within its budget; one of long runs takes the fewest turns, and a hopeless way only two of them; of
// runs that are too long there is none. Each way runs once more before its first turn, the first way twice at the begin.
func TestTrialIsBounded(t *testing.T) {
	ms := time.Millisecond
	short, long, endless := &fakeWays{}, &fakeWays{}, &fakeWays{}
	short.trial().fastest(short.make(300, 310, 320, 330, 340))
	if short.now > trialBudget {
		t.Errorf("runs of 300 ns: %v", short.now)
	}
	long.trial().fastest(long.make(40*ms, 43*ms, 100*ms))
	if want := []int{2 + 1 + leastTurns, 1 + leastTurns, 1 + 2}; !slices.Equal(long.runs, want) {
		t.Errorf("long runs: %d, want %d", long.runs, want)
	}
	if got := endless.trial().fastest(endless.make(90*ms, 10*ms)); got != 0 || endless.runs[1] > 0 {
		t.Errorf("runs that are too long: %d, chose %d", endless.runs, got)
	}
}

// Build tries, once for so many workers, says what it chose, and lets Use decide otherwise.
func TestBuildTriesWays(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512BF16))
	u := *dotBF16
	u.trial = true
	k := matmulKernel("trial", cpu.AVX512BF16, "", tiledMatmul[bf16, float32](&u))
	for _, workers := range []int{1, 2} {
		s := shape.Shape{M: 96, N: 256, K: 512}
		k.Params = u.params()
		in, err := k.Build(s, workers)
		if err != nil {
			t.Fatal(err)
		}
		found := k.Setting(s)
		if len(found) == 0 {
			t.Fatal("Build does not say what it chose")
		}
		if err := k.CheckSetting(found); err != nil {
			t.Error(err)
		}
		if v, err := in.Verify(); err != nil || !(v.MaxError <= v.Tolerance) {
			t.Errorf("%v: %+v, %v", found, v, err)
		}
		if again := k.settingFor(s, workers); again.String() != found.String() {
			t.Errorf("the next Build uses %v, not %v", again, found)
		}
		if other := k.settingFor(s, workers+1); other != nil {
			t.Errorf("%d workers use %v, found for %d", workers+1, other, workers)
		}
		if err := k.Use(s, nil); err != nil || k.Setting(s) != nil {
			t.Errorf("after Use(nil): %v, %v", k.Setting(s), err)
		}
		set := Setting{"share": 35}
		if err := k.Use(s, set); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Build(s, workers); err != nil || k.Setting(s).String() != set.String() {
			t.Errorf("what is set is not tried: %v, %v", k.Setting(s), err)
		}
		_ = k.Use(s, nil)
	}
}

// All ways compute the same bits, for one worker and more.
func TestWaysComputeTheSameBits(t *testing.T) {
	sameBits[bf16, float32](t, cpu.AVX512BF16, dotBF16) // which has no trial, but ways
	sameBits[f16, float32](t, cpu.AVX512FP16, halfF16)
	sameBits[bf16, float32](t, cpu.AMXBF16, amxBF16)
	sameBits[int8, int32](t, cpu.AMXINT8, amxInt8)
}

func sameBits[I element, O result](t *testing.T, isa cpu.ISA, of *microKernel) {
	for _, before := range []bool{false, true} {
		t.Run(fmt.Sprintf("%s, packed before %v", isa, before), func(t *testing.T) {
			testkit.SkipUnsupported(t, cpu.Usable(isa))
			u := *of
			u.trial, u.before = true, before
			tried := 0
			for _, s := range []shape.Shape{{M: 70, N: 131, K: 192}, {M: 160, N: 96, K: 256}, {M: 33, N: 300, K: 1100}, {M: 256, N: 128, K: 64}, {M: 270, N: 64, K: 192}, {M: 270, N: 128, K: 192}} {
				c := caches{l1: 48 << 10, l1Ways: 12, l2: 256 << 10}
				var first []O
				sets := u.ways(s.M, s.N, s.K, sizeof[I](), c)
				if u.tiles { // what only a setting chooses, too
					for _, name := range []string{"copy", "line", "turns", "buffer"} {
						sets = append(sets, Setting{name: int(never)}, Setting{name: int(always)})
					}
				}
				for _, workers := range []int{1, 2, 9} {
					for _, set := range sets {
						p := newProduct[I, O](s)
						v := u.with(set)
						for w := range workers {
							newTiled(p, v, blockOf(s.M, s.N, v.rows, v.cols, workers, w), c).run() // some of nine have no rows
						}
						if first == nil {
							first = p.c.data
						}
						for i, got := range p.c.data {
							if got != first[i] {
								t.Fatalf("%v, %v, %d workers: C[%d] = %v, not %v as before", s, set, workers, i, got, first[i])
							}
						}
						tried++
					}
				}
			}
			if tried < 12 {
				t.Errorf("only %d ways tried", tried)
			}
		})
	}
}

// A trial of a large product multiplies a part of it that begins where it does, and leaves right values there.
func TestTrialOfPart(t *testing.T) {
	testkit.SkipUnsupported(t, cpu.Usable(cpu.AVX512))
	p := newProduct[float32, float32](shape.Shape{M: 70, N: 300, K: 90})
	fastest(trial{sinceStart}, p, tiledMatmul[float32, float32](avx512F32), block{0, 40, 0, 128}, []Setting{{"fuse": int(never)}, {"fuse": int(always)}})
	for i, x := range p.c.data {
		row, col := i/p.c.cols, i%p.c.cols
		want := 0.0
		if row < 40 && col < 128 {
			for k, a := range p.a.row(row) {
				want += float64(a) * float64(p.b.at(k, col)[0])
			}
		}
		if math.Abs(float64(x)-want) > 1e-4 {
			t.Fatalf("C[%d,%d] = %g, want %g", row, col, x, want)
		}
	}
}
