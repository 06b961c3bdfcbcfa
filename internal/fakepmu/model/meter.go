package model

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Calls counts executions of functions of the program under test.
type Calls interface {
	// Open starts counting executions of the function symbol by a thread (and what it begets, if inherit), or by
	// everybody if thread is -1.
	Open(thread int, inherit bool, symbol string) (CallCounter, error)
}

// CallCounter is a running count of executions.
type CallCounter interface {
	Count() float64
	Close()
}

// meter is an event's count of one function's executions.
type meter struct {
	calls  CallCounter
	weight float64 // counts per execution
	from   float64 // executions before the event was enabled
}

func (m *meter) start() { m.from = m.calls.Count() }

// metered is what the meters counted since the event was enabled.
func (e *Event) metered() (sum float64) {
	for _, m := range e.meters {
		sum += m.weight * (m.calls.Count() - m.from)
	}
	return sum
}

func (k *Kernel) attachMeters(e *Event) syscall.Errno {
	for symbol, weight := range e.spec.PerCall {
		if k.Calls == nil {
			return unix.EOPNOTSUPP
		}
		calls, err := k.Calls.Open(e.thread, e.Attr.has(unix.PerfBitInherit), symbol)
		if err != nil {
			return unix.EOPNOTSUPP
		}
		e.meters = append(e.meters, meter{calls: calls, weight: weight})
	}
	return 0
}
