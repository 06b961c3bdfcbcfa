// Command regions marks two regions of known work: "outer" makes three times as many turns as the "inner" one within it.
package main

import (
	"github.com/roofline-go/roofline/internal/pmuvm"
	"github.com/roofline-go/roofline/internal/pmuvm/loop"
	"github.com/roofline-go/roofline/perf/region"
)

func main() {
	outer := region.Start("outer")
	loop.Turn(2 * pmuvm.RegionTurns)
	inner := region.Start("inner")
	loop.Turn(pmuvm.RegionTurns)
	inner.End()
	outer.End()
}
