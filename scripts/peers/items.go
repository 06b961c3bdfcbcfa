package main

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/kernels/asm"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/stats"
)

// Operations of the runs that stand for ceilings.
const (
	computeOp = "ceiling"
	memoryOp  = "dot"
)

// ours finds the kernel to compare.
func ours(op string, d kernels.DType, variant string) (*kernels.Kernel, error) {
	if variant == "" {
		variant = "*"
	}
	found, err := kernels.Find(op + "/" + variant + "/" + string(d))
	if err != nil {
		return nil, err
	}
	for _, k := range slices.Backward(found) {
		if !slices.ContainsFunc(k.Needs, func(isa cpu.ISA) bool { return cpu.Usable(isa) != nil }) {
			return k, nil
		}
	}
	return nil, fmt.Errorf("no %s kernel of %s runs on this processor", op, d)
}

// roofs are the loops of computeCeilings as ceilings without a value of their own: package measure runs the one that our kernel names
// right behind its samples.
func roofs(loops []measure.Item, threads int) (list []roofline.Ceiling) {
	for _, i := range loops {
		list = append(list, roofline.Ceiling{ID: i.Kernel.Variant, Kind: "compute", DType: string(i.Kernel.DType), Threads: threads,
			Unit: "FLOP/s", Value: stats.Estimate{Median: 1, Lo: math.NaN(), Hi: math.NaN(), N: 1}})
	}
	return list
}

// computeCeilings are the loops that measure the most operations per second of a type with no instructions above a limit, each as a
// kernel: what stands over a kernel of AVX-512 is not AMX.
func computeCeilings(d kernels.DType, limit cpu.ISA) (items []measure.Item) {
	for _, l := range asm.Loops() {
		switch l.Op {
		case "fma", "dot", "vnni", "amx":
		default:
			continue
		}
		if l.DType == string(d) && l.ISA.Within(limit) && cpu.Usable(l.ISA) == nil && l.Width != "scalar" && l.Width != "sse" {
			items = append(items, measure.Item{Kernel: ceiling(l), Shape: shape.Shape{N: iterations(l)}})
		}
	}
	return items
}

// callTime is that of a call of a loop, roughly: when calls are shorter the core does not reach its clock.
const callTime = 400 * time.Microsecond

// iterations are those of a call.
func iterations(l asm.Loop) int {
	data := l.NewLoopData()
	for n := 1 << 10; ; n *= 2 {
		begin := time.Now()
		l.Run(n, data)
		if took := time.Since(begin); took > callTime/2 {
			return n
		}
	}
}

// ceiling makes a kernel of a loop.
func ceiling(l asm.Loop) *kernels.Kernel {
	return &kernels.Kernel{
		Op: computeOp, Variant: l.ID, DType: kernels.DType(l.DType), ISA: l.ISA, Roof: "none", // it is one
		Work: func(s shape.Shape) kernels.Work { return kernels.Work{FLOPs: float64(s.N) * l.OpsPerIter} },
		Build: func(s shape.Shape, workers int) (kernels.Instance, error) {
			in := &loop{l: l, n: s.N}
			for range workers {
				in.data = append(in.data, l.NewLoopData())
			}
			return in, nil
		},
	}
}

// loop implements kernels.Instance; every worker runs all iterations.
type loop struct {
	l    asm.Loop
	n    int
	data []*asm.LoopData
}

func (l *loop) Part(worker int) { l.l.Run(l.n, l.data[worker]) }

// Verify has nothing to compare: package asm tests what the loops compute.
func (l *loop) Verify() (kernels.Verification, error) { return kernels.Verification{}, nil }

// memoryCeiling is a kernel that loads as many bytes as work must move.
func memoryCeiling(work kernels.Work) (items []measure.Item) {
	found, err := kernels.Find(memoryOp + "/*/f32")
	if err != nil {
		return nil
	}
	for _, d := range slices.Backward(found) {
		if !slices.ContainsFunc(d.Needs, func(isa cpu.ISA) bool { return cpu.Usable(isa) != nil }) {
			const bytes = 8 // of an element of both vectors
			return []measure.Item{{Kernel: d, Shape: shape.Shape{N: int((work.LoadBytes + work.StoreBytes) / bytes)}}}
		}
	}
	return nil
}
