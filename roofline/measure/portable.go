package measure

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf/instrument"
)

// portable describes a kernel at a shape for another process of this program.
type portable struct {
	Kernel  string          `json:"kernel"`
	Shape   string          `json:"shape"`
	Workers int             `json:"workers"`
	Setting kernels.Setting `json:"setting,omitempty"`
}

// Spec describes an item for a child process that ServeCounts answers in. why says why the item cannot be instrumented, ""
// when it can.
func Spec(item Item, workers int) (spec []byte, why string) {
	if item.Kernel.ISA == cpu.Go {
		return nil, "plain Go code: only assembly functions are instrumented"
	}
	spec, err := json.Marshal(portable{item.Kernel.ID(), item.Shape.String(), workers, item.Kernel.Setting(item.Shape)})
	if err != nil {
		return nil, err.Error()
	}
	return spec, ""
}

// ServeCounts answers one request of instrument.Child for a kernel of this program.
func ServeCounts(in io.Reader, out io.Writer) error { return instrument.Serve(in, out, openPortable) }

// openPortable builds what Spec describes.
func openPortable(spec []byte) (*instrument.Subject, error) {
	var p portable
	if err := json.Unmarshal(spec, &p); err != nil {
		return nil, fmt.Errorf("read description of a kernel: %w", err)
	}
	found, err := kernels.Find(p.Kernel)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s names %d kernels", p.Kernel, len(found))
	}
	k := found[0]
	s, err := shape.Parse(k.Op, p.Shape)
	if err != nil {
		return nil, err
	}
	if err := k.Use(s, p.Setting); err != nil {
		return nil, err
	}
	cpus, err := workers.CPUs(p.Workers)
	if err != nil {
		return nil, err
	}
	pool, err := workers.New(cpus)
	if err != nil {
		return nil, err
	}
	w := &workload{id: k.ID() + " " + s.String(), pool: pool}
	err = pool.Each(func(worker int) (err error) {
		if worker == 0 {
			w.instance, err = k.Build(s, p.Workers)
		}
		return err
	})
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &instrument.Subject{Workload: w, Functions: instrument.Assembly(assemblyPackage), Arrays: Operands(w.instance), Close: pool.Close}, nil
}

// assemblyPackage is the beginning of the names of the kernels' assembly functions.
const assemblyPackage = "github.com/roofline-go/roofline/kernels/asm."
