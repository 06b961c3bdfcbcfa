package ceilings

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func TestDoubtIsOfWhatIsFarBelowItsSiblings(t *testing.T) {
	at := func(op, isa, dtype string, threads int, v float64) roofline.Ceiling {
		return roofline.Ceiling{ID: "compute." + op + "." + isa + "." + dtype, Kind: "compute", Op: op, ISA: isa, DType: dtype,
			Threads: threads, Value: stats.Estimate{Median: v}}
	}
	for _, c := range []struct {
		name string
		all  []roofline.Ceiling // the first is judged
		want string             // sibling that speaks against it
	}{
		{"alone", []roofline.Ceiling{at("mul", "avx512", "f32", 2, 1)}, ""},
		{"f64 does as many instructions", []roofline.Ceiling{at("mul", "avx512", "f32", 2, 200), at("mul", "avx512", "f64", 2, 102)}, ""},
		{"two thirds of them", []roofline.Ceiling{at("mul", "avx512", "f32", 2, 130), at("mul", "avx512", "f64", 2, 102)}, "compute.mul.avx512.f64"},
		{"f64, of f32", []roofline.Ceiling{at("mul", "avx2", "f64", 1, 30), at("mul", "avx2", "f32", 1, 100)}, "compute.mul.avx2.f32"},
		{"scalar has one lane of each", []roofline.Ceiling{at("add", "scalar", "f32", 1, 6), at("add", "scalar", "f64", 1, 6)}, ""},
		{"threads that share a core", []roofline.Ceiling{at("vnni", "avx512", "int8", 2, 880), at("vnni", "avx512", "int8", 1, 870)}, ""},
		{"less than one thread has", []roofline.Ceiling{at("vnni", "avx512", "int8", 2, 120), at("vnni", "avx512", "int8", 1, 870)}, "compute.vnni.avx512.int8"},
		{"one thread, beside two", []roofline.Ceiling{at("fma", "avx2", "f32", 1, 88), at("fma", "avx2", "f32", 2, 200)}, ""},
		{"another operation", []roofline.Ceiling{at("add", "avx2", "f32", 1, 50), at("mul", "avx2", "f64", 1, 50)}, ""},
	} {
		got := ""
		if d, ok := doubt(&c.all[0], c.all); ok {
			got = d.sibling.ID
		}
		if got != c.want {
			t.Errorf("%s: %q speaks against it, want %q", c.name, got, c.want)
		}
	}
}

// disturbed is a session of two tasks of which the second is disturbed in its rounds, and then for so many samples.
func disturbed(samples int) (s *session, bad *task) {
	ceiling := func(dtype string) roofline.Ceiling {
		return roofline.Ceiling{ID: "compute.mul.avx512." + dtype, Kind: "compute", Op: "mul", ISA: "avx512", DType: dtype, Threads: 2, Unit: "FLOP/s"}
	}
	good := &task{Ceiling: ceiling("f64"), choices: []*choice{{rounds: []float64{100, 101, 99}}}}
	bad = &task{Ceiling: ceiling("f32"), choices: []*choice{{rounds: []float64{110, 120, 118}, sample: func() float64 {
		if samples--; samples >= 0 {
			return 90
		}
		return 198
	}}}}
	return &session{Options: Options{Progress: func(int, int, string) {}}, plan: plan{samples: 1}, tasks: []*task{good, bad}}, bad
}

func TestDoubtfulCeilingsAreMeasuredAgain(t *testing.T) {
	s, bad := disturbed(50)
	if err := s.again(context.Background()); err != nil {
		t.Fatal(err)
	}
	all := s.results()
	if got := all[1].Value.Median; got != 198 {
		t.Errorf("%g after the disturbance, want 198", got)
	}
	if len(bad.choices[0].rounds) != stats.MinSamples {
		t.Errorf("rounds of before and after are mixed: %v", bad.choices[0].rounds)
	}
	if len(s.warnings) > 0 || strings.Contains(all[1].Note, "doubtful") {
		t.Errorf("warned of %v, note %q", s.warnings, all[1].Note)
	}
}

func TestWhatStaysDoubtfulIsSaid(t *testing.T) {
	s, bad := disturbed(0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.again(ctx); err == nil {
		t.Error("went on after the end")
	}
	all := s.results()
	if got := all[1].Value.Median; got != 118 {
		t.Errorf("%g without another measurement, want 118 of %v", got, bad.choices[0].rounds)
	}
	if len(s.warnings) != 1 || !strings.Contains(s.warnings[0].Text, "compute.mul.avx512.f32 with 2 threads: 59 % of that") {
		t.Errorf("warnings %v", s.warnings)
	}
	if !strings.Contains(all[1].Note, "doubtful") || strings.Contains(all[0].Note, "doubtful") {
		t.Errorf("notes %q and %q", all[0].Note, all[1].Note)
	}
}

func TestChaseLeavesACacheWhoseSizeWasMeasured(t *testing.T) {
	const mib = 1 << 20
	described, measured := cache.Level{Level: 3, Bytes: 2 * mib, Source: "sysfs"}, cache.Level{Level: 3, Bytes: 2 * mib, Source: cache.Measured}
	window := cache.Window{Level: memory, Lo: 8 * mib, Hi: 64 * mib}
	if got := chaseSize(window, cache.Plateau{}, described); got != 8*mib {
		t.Errorf("described: %d", got)
	}
	if got := chaseSize(window, cache.Plateau{}, measured); got != 16*mib {
		t.Errorf("measured: %d", got)
	}
	window.Hi = 12 * mib
	if got := chaseSize(window, cache.Plateau{}, measured); got != 12*mib {
		t.Errorf("beyond the memory there is: %d", got)
	}
}

// A sample whose size a disturbance has chosen too small finds back within a round.
func TestSamplesThatAreTooShortGrow(t *testing.T) {
	const each = 2 * time.Microsecond
	n := 5
	for range 3 {
		n = longer(n, time.Duration(n)*each, sampleTime)
	}
	if took := time.Duration(n) * each; took < sampleTime/2 || took > sampleTime {
		t.Errorf("a sample of %d takes %v, want about %v", n, took, sampleTime)
	}
	if got := longer(7, 0, sampleTime); got > 7*16 {
		t.Errorf("a clock that stands still makes it %d", got)
	}
	if got := longer(int64(7), 10*sampleTime, sampleTime); got != 7 {
		t.Errorf("a long sample becomes %d", got)
	}
}
