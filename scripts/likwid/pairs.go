package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strconv"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/stats"
)

// pair is one of our ceilings and the likwid-bench test that measures the same: the same operation on the same working set.
type pair struct {
	ceiling string
	test    string
	bytes   int64
	atLeast float64 // ratio to reach
}

// pairs lists the comparisons for this machine's caches and widest vectors.
func pairs(levels []cache.Level) (all []pair) {
	for _, w := range []struct {
		isa    cpu.ISA
		suffix string
	}{{cpu.AVX512, "avx512"}, {cpu.AVX2, "avx"}} {
		if cpu.Usable(w.isa) != nil {
			continue
		}
		all = append(all, pair{"compute.fma." + string(w.isa) + ".f32", "peakflops_sp_" + w.suffix + "_fma", 20000, 0.99},
			pair{"compute.fma." + string(w.isa) + ".f64", "peakflops_" + w.suffix + "_fma", 20000, 0.99})
	}
	suffix := "avx"
	if cpu.Usable(cpu.AVX512) == nil {
		suffix = "avx512"
	}
	inner := int64(0)
	for _, l := range levels {
		bytes, reach := l.Bytes*5/8, 0.98 // inside the level, and well outside the one before
		if inner > 0 {
			bytes = min(l.Bytes*2/5, 6*inner)
		}
		if l.Level >= 3 {
			reach = 0.97
		}
		for _, t := range [][2]string{{"load", "load_"}, {"store", "store_"}, {"copy", "copy_"}, {"triad", "stream_"}} {
			all = append(all, pair{fmt.Sprintf("bandwidth.%s.L%d", t[0], l.Level), t[1] + suffix + fused(t[0]), bytes, reach})
		}
		inner = l.Bytes
	}
	far := min(8*inner, 4<<30)
	return append(all,
		pair{"bandwidth.load.DRAM", "load_" + suffix, far, 0.97},
		pair{"bandwidth.store.DRAM", "store_" + suffix, far, 0.97},
		pair{"bandwidth.copy.DRAM", "copy_mem_" + suffix, far, 0.97},
		pair{"bandwidth.triad.DRAM", "stream_mem_" + suffix + map[bool]string{true: "_fma"}[suffix == "avx"], far, 0.97},
		pair{"bandwidth.ntstore.DRAM", "store_mem_" + suffix, far, 0.97},
	)
}

func fused(op string) string { return map[bool]string{true: "_fma"}[op == "triad"] }

// result is the outcome of one comparison.
type result struct {
	pair
	unit         string
	ours, theirs stats.Estimate
	ratio        stats.Estimate // ours / theirs, of the pairs
	best         float64        // best of ours / best of theirs: what disturbances made slow does not count
	note         string
}

// reached says whether the ratio's median is high enough.
func (r result) reached() bool { return r.ratio.Median >= r.atLeast }

// timed is what the timed part of one run of likwid-bench shall take, in seconds; starting it takes longer.
const timed = 0.1

// compare takes n interleaved pairs, taking turns in who begins.
func compare(ctx context.Context, p pair, n int) (result, error) {
	meter, err := ceilings.NewMeter(p.ceiling, p.bytes)
	if err != nil {
		return result{}, err
	}
	defer meter.Close()
	c := meter.Ceiling()
	l := &bench{pair: p, ceiling: c, cpu: meter.CPU(), iterations: 10}
	if err := l.calibrate(ctx); err != nil {
		return result{}, err
	}
	var ours, theirs, ratios []float64
	for i := range n {
		var a, b float64
		if i%2 == 0 {
			a = meter.Round()
		}
		if b, err = l.rate(ctx); err != nil {
			return result{}, err
		}
		if i%2 == 1 {
			a = meter.Round()
		}
		ours, theirs, ratios = append(ours, a), append(theirs, b), append(ratios, a/b)
	}
	return result{
		pair: p, unit: c.Unit, note: c.Note,
		ours: stats.Summarize(ours), theirs: stats.Summarize(theirs), ratio: stats.Summarize(ratios),
		best: slices.Max(ours) / slices.Max(theirs),
	}, nil
}

// bench runs one test of likwid-bench on one CPU.
type bench struct {
	pair
	ceiling    roofline.Ceiling
	cpu        int
	iterations int
}

// calibrate finds the number of iterations that take the time wanted.
func (b *bench) calibrate(ctx context.Context) error {
	for {
		out, err := b.run(ctx)
		if err != nil {
			return err
		}
		if out.Seconds >= timed/8 {
			b.iterations = max(10, int(float64(b.iterations)*timed/out.Seconds))
			return nil
		}
		b.iterations *= 8
	}
}

// rate runs the test once and returns FLOP/s or B/s, whichever the ceiling is about.
func (b *bench) rate(ctx context.Context) (float64, error) {
	out, err := b.run(ctx)
	if err != nil {
		return 0, err
	}
	if b.ceiling.Kind == "compute" {
		return out.FLOPs, nil
	}
	return out.Transfer, nil
}

func (b *bench) run(ctx context.Context) (output, error) {
	kB := strconv.FormatInt(b.bytes/1000, 10) + "kB" // likwid's kB are 1000 bytes
	cmd := exec.CommandContext(ctx, "likwid-bench", "-t", b.test, "-i", strconv.Itoa(b.iterations), "-w", "N:"+kB+":1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return output{}, fmt.Errorf("run %v: %w: %.200s", cmd.Args, err, stderr.String())
	}
	out, err := parse(&stdout)
	switch {
	case err != nil:
		return out, err
	case out.Test != b.test:
		return out, fmt.Errorf("run likwid-bench: it ran %s, not %s", out.Test, b.test)
	case out.CPU != b.cpu:
		return out, fmt.Errorf("run likwid-bench: it ran on CPU %d, we on %d (pin this program to one CPU)", out.CPU, b.cpu)
	case out.Bytes < b.bytes*8/10 || out.Bytes > b.bytes:
		return out, fmt.Errorf("run likwid-bench: its working set is %d bytes, ours %d", out.Bytes, b.bytes)
	}
	return out, ctx.Err()
}
