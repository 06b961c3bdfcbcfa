package measure

import (
	"errors"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

// Plan says what to measure and with what means.
type Plan struct {
	Items    []Item
	Threads  int           // workers, each pinned to a CPU of its own
	Budget   time.Duration // for warm-up and timed samples of all items together; building, verifying and counting come on top. 0: DefaultBudget
	Elastic  bool          // spend more where the budget does not suffice for intervals, instead of refusing
	Memory   int64         // bytes that the operands of kernels timed in turns may take together; 0: a quarter of the machine's
	Sources  []perf.Source // of counts, best first
	Choice   perf.Choice   // verdicts and wishes that decide whose counts are used; its Sources are those above
	Ceilings []roofline.Ceiling
	Behind   *roofline.Ceiling // of compute, whose loop runs behind the samples of all items, known to have no wider vectors than they; nil: by Ceilings
	Machine  roofline.Machine
	Floor    float64            // the machine's noise floor, to judge the measurement by; 0: not known
	Warnings []roofline.Warning // findings so far, carried into the result

	// Verified says that another process of the same program has verified the items, so that this one need not: the runs
	// then carry no Verification. Comparisons start many processes of one kernel.
	Verified bool

	// Brief says that this process is one of several whose times are compared with each other: few turns are enough, since no
	// interval of its own is wanted, and a kernel that is slow for the budget takes what it needs.
	Brief bool

	// Progress, if not nil, is told how many items are finished and what comes next. It is called between samples only.
	Progress func(done, total int, what string)
}

// DefaultBudget is the budget of a plan that names none.
const DefaultBudget = 30 * time.Second

// Item is a kernel at a shape.
type Item struct {
	Kernel *kernels.Kernel
	Shape  shape.Shape
}

// Sink keeps the result so far. Save is called whenever a run is complete, so that files on disk are always valid and lose
// nothing when the measurement is interrupted or killed.
type Sink interface {
	Save(*roofline.Result) error
}

// schedule checks the plan and divides it into groups whose operands fit into memory together. Kernels of a group are
// timed in turns. An item that is listed twice is measured once.
func (p *Plan) schedule() (groups [][]*job, err error) {
	if len(p.Items) == 0 {
		return nil, errors.New("measure: no kernel given")
	}
	if p.Threads < 1 {
		return nil, errors.New("measure: need at least 1 thread")
	}
	if p.Budget <= 0 {
		p.Budget = DefaultBudget
	}
	limit := p.Memory
	if limit <= 0 {
		limit = p.Machine.Environment.MemoryBytes / 4
	}
	if limit <= 0 {
		limit = 1 << 30
	}
	seen := map[string]bool{}
	var held int64
	for i, item := range p.Items {
		j := &job{order: i, item: item, threads: p.Threads, work: item.Kernel.Work(item.Shape)}
		if seen[j.id()] {
			continue
		}
		seen[j.id()] = true
		if err := kernels.CheckMemory(item.Kernel, item.Shape, p.Machine.Environment.MemoryBytes); err != nil {
			return nil, err
		}
		if len(groups) == 0 || held+j.work.WorkingSet > limit {
			groups, held = append(groups, nil), 0
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], j)
		held += j.work.WorkingSet
	}
	return groups, nil
}

// leastTurns is how many turns every kernel gets.
func (p *Plan) leastTurns() int {
	if p.Brief {
		return briefTurns
	}
	return minTurns
}

func (p *Plan) progress(done, total int, what string) {
	if p.Progress != nil {
		p.Progress(done, total, what)
	}
}
