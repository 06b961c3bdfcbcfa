package userkernel

import (
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/event"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/roofline/native"
)

// CountCommand is the argument with which the helper starts itself to run a function instrumented.
const CountCommand = "__count"

// countingTime is how long an instrumented process may take: its counts are worth no longer wait.
const countingTime = 30 * time.Second

// sources are those that a request names, best first. Self is the helper's own path.
func sources(req native.Request, self string) (list []perf.Source, err error) {
	spec, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	integers := req.Signature.DType == kernels.INT8
	child := instrument.Child{Command: []string{self, CountCommand}}
	for _, name := range req.Sources {
		switch perf.SourceName(name) {
		case perf.SourcePMU:
			list = append(list, event.NewPMUWith(event.Options{}))
		case perf.SourceInstrumented:
			list = append(list, elsewhere{instrument.Source{Child: child}, spec, integers})
		case perf.SourceSimulated:
			list = append(list, elsewhere{instrument.Simulated{Child: child}, spec, integers})
		case perf.SourceAnalytic:
			list = append(list, perf.AnalyticSource{})
		default:
			return nil, fmt.Errorf("read request: unknown source %q", name)
		}
	}
	return list, nil
}

// elsewhere is a source that has another process make the workload of a request anew.
type elsewhere struct {
	perf.Source
	spec     []byte
	integers bool // the operations that count are on integers
}

// Count implements perf.Source.
func (e elsewhere) Count(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, error) {
	counts, _, err := e.CountInDetail(ctx, w, want)
	return counts, err
}

// CountInDetail implements perf.Detailer.
func (e elsewhere) CountInDetail(ctx context.Context, w perf.Workload, want []perf.Quantity) (map[perf.Quantity]perf.Count, *perf.Detail, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, countingTime, fmt.Errorf("it takes longer than %v; choose a smaller size to count", countingTime))
	defer cancel()
	counts, detail, err := perf.InDetail(ctx, e.Source, described{w, e.spec}, want)
	if c, ok := counts[perf.FLOPs]; ok && e.integers && c.Quality != perf.Missing {
		counts[perf.FLOPs] = perf.NotCounted(e.Name(), "integer operations of scalar code are not told apart from those on indices")
	}
	return counts, detail, err
}

// described is a workload that its request describes.
type described struct {
	perf.Workload
	spec []byte
}

// Portable implements instrument.Portable.
func (d described) Portable() (spec []byte, why string) { return d.spec, "" }

// ServeCounts answers one request of instrument.Child for a function of an object.
func ServeCounts(in io.Reader, out io.Writer, open Opener) error {
	return instrument.Serve(in, out, func(spec []byte) (*instrument.Subject, error) {
		var req native.Request
		if err := json.Unmarshal(spec, &req); err != nil {
			return nil, fmt.Errorf("read request: %w", err)
		}
		obj, loaded, err := open(req.Object)
		if err != nil {
			return nil, err
		}
		functions, err := functionsOf(req.Object, loaded)
		if err != nil {
			return nil, err
		}
		fn, err := obj.Symbol(req.Function)
		if err != nil {
			return nil, err
		}
		_, instance, err := newKernel(obj, fn, req)
		if err != nil {
			return nil, err
		}
		cpus, err := workers.CPUs(req.Threads)
		if err != nil {
			return nil, err
		}
		pool, err := workers.New(cpus)
		if err != nil {
			return nil, err
		}
		return &instrument.Subject{Workload: workload{pool, instance}, Functions: functions, Close: pool.Close, Arrays: instance.Arrays(),
			Called: &instrument.Called{Part: func(worker int, call func(entry uintptr, args *instrument.Arguments) (instrument.Result, error)) error {
				if worker >= len(instance.made) {
					return nil
				}
				m := instance.made[worker]
				args := new(instrument.Arguments)
				for _, a := range m.args {
					if a.Kind == Int {
						args.Ints = append(args.Ints, a.Bits)
					} else {
						args.Floats = append(args.Floats, a.Bits)
					}
				}
				_, err := call(m.entry, args)
				return err
			}}}, nil
	})
}

// workload shows an instance to package instrument.
type workload struct {
	*workers.Pool
	instance *instance
}

// ID implements perf.Workload, as do the other methods.
func (w workload) ID() string                            { return "object" }
func (w workload) Workers() int                          { return w.N() }
func (w workload) OnEach(f func(worker int) error) error { return w.Each(f) }
func (w workload) Part(worker int)                       { w.instance.Part(worker) }
func (w workload) Declared() map[perf.Quantity]float64   { return nil }

// functionsOf are the functions of an object in memory. Its full table of symbols is needed: what it does not name would run
// uncounted.
func functionsOf(path string, loaded native.Loaded) ([]instrument.Function, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read symbols: %w", err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return nil, errors.New("read symbols: the object is stripped, so its functions cannot be found (do not strip it)")
	}
	if err != nil {
		return nil, fmt.Errorf("read symbols: %w", err)
	}
	first := slices.IndexFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_LOAD })
	if first < 0 || loaded.Base == 0 {
		return nil, errors.New("find the object in memory: it has no segment there")
	}
	bias := loaded.Base - (f.Progs[first].Vaddr - f.Progs[first].Off)
	var list []instrument.Function
	seen := map[uint64]bool{}
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Size == 0 || s.Section == elf.SHN_UNDEF || seen[s.Value] {
			continue
		}
		seen[s.Value] = true
		list = append(list, instrument.Function{Name: s.Name, Entry: uintptr(bias + s.Value), Size: int(s.Size)})
	}
	return list, nil
}

// Arrays are the operands, by the names of their operation, for the traffic to be told apart by.
func (in *instance) Arrays() (list []instrument.Array) {
	for _, o := range in.operands {
		if len(o.data) > 0 {
			list = append(list, instrument.Array{Name: o.name, Addr: uint64(addressOf(o.data)), Bytes: int64(len(o.data))})
		}
	}
	return list
}
