package ceilings

import (
	"fmt"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/roofline"
)

// Entry is one ceiling that this program knows: without a value and a thread count.
type Entry struct {
	roofline.Ceiling
	Needs       cpu.ISA // instruction set of the loop; bandwidth takes the best of what there is
	Unavailable error   // why it cannot be measured here; nil: it can
}

// Catalog lists every ceiling, measurable here or not: compute, then bandwidth and latency from the inner levels outwards.
func Catalog() (all []Entry) {
	for _, l := range loops() {
		all = append(all, Entry{Ceiling: ceilingOf(l), Needs: l.ISA, Unavailable: cpu.Usable(l.ISA)})
	}
	levels, err := cache.Topology()
	for _, level := range roofline.Levels {
		missing := err
		if err == nil && !has(levels, level) {
			missing = fmt.Errorf("this machine reports no %s cache", level)
		}
		for _, op := range cache.Ops {
			if op == "ntstore" && level != memory { // goes to memory wherever the array is
				continue
			}
			e := Entry{Ceiling: bandwidth(op, level), Unavailable: missing}
			if e.Unavailable == nil && len(cache.Probes(op)) == 0 {
				e.Unavailable = &cpu.UnavailableError{ISA: cpu.SSE, Cause: "no loop with non-temporal stores for this processor"}
			}
			all = append(all, e)
		}
	}
	for _, level := range roofline.Levels {
		missing := err
		if err == nil && !has(levels, level) {
			missing = fmt.Errorf("this machine reports no %s cache", level)
		}
		all = append(all, Entry{Ceiling: latency(level, cache.Huge), Unavailable: missing},
			Entry{Ceiling: latency(level, cache.Small), Unavailable: missing})
	}
	return all
}

// memory is the level beyond all caches.
const memory = cache.Memory

func has(levels []cache.Level, name string) bool {
	for _, l := range levels {
		if fmt.Sprintf("L%d", l.Level) == name {
			return true
		}
	}
	return name == memory
}

func bandwidth(op, level string) roofline.Ceiling {
	return roofline.Ceiling{ID: "bandwidth." + op + "." + level, Kind: "bandwidth", Op: op, Level: level, Unit: "B/s"}
}

func latency(level string, pages cache.Pages) roofline.Ceiling {
	c := roofline.Ceiling{ID: "latency." + level, Kind: "latency", Op: "load", Level: level, Unit: "s"}
	if pages == cache.Small {
		c.ID += ".4k"
		c.Op = "load-4k"
	}
	return c
}
