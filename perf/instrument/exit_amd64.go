package instrument

import (
	"fmt"

	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// onExit is called when a copy leaves for Go.
//
//lint:ignore U1000 assembly calls it
func onExit(handle uintptr) {
	t := (*threads.list.Load())[handle]
	switch reason := *t.word(rewrite.OffReason); reason {
	case rewrite.ExitLogFull:
		t.flush()
	case rewrite.ExitFirstCall:
		*t.word(rewrite.OffJump) = uint64(t.p.firstCall(t, uintptr(*t.word(rewrite.OffTarget))))
	case rewrite.ExitUnknownTarget:
		*t.word(rewrite.OffJump) = uint64(t.p.follow(t, uintptr(*t.word(rewrite.OffTarget))))
	case rewrite.ExitTileConfig:
		t.flush()
		t.newTileConfig()
	case rewrite.ExitRefused:
		t.p.mu.Lock()
		why := t.p.rw.Blocks[*t.word(rewrite.OffTarget)].Refused
		t.p.mu.Unlock()
		panic(&abort{why})
	case rewrite.ExitFault:
		panic(&abort{t.fault()})
	default:
		panic(&abort{fmt.Errorf("copy left for reason %d, which is none", reason)})
	}
}

// onMovedStack ends a run whose addresses are no longer valid.
//
//lint:ignore U1000 assembly calls it
func onMovedStack() { panic("instrument: the stack of a running copy was moved") }
