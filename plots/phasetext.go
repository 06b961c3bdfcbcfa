package plots

import (
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// PhaseText says which code a phase is, what it does, and what decides how long it takes at least. Operation is FLOP or OP.
func PhaseText(p roofline.GapPhase, operation string) string {
	return p.Name + ": " + PhaseWork(p, operation) + "; " + PhaseBy(p)
}

// PhaseWork is what a phase executes. Operation is FLOP or OP.
func PhaseWork(p roofline.GapPhase, operation string) string {
	var parts []string
	if p.FLOPs > 0 {
		parts = append(parts, units.SI(p.FLOPs, operation))
	}
	if p.Bytes > 0 {
		parts = append(parts, units.SI(p.Bytes, "B")+" of loads and stores")
	}
	return strings.Join(append(parts, strings.TrimSpace(units.SI(p.Instructions, ""))+" instructions"), ", ")
}

// PhaseBy is what asks for its time.
func PhaseBy(p roofline.GapPhase) string {
	by := p.By
	switch by {
	case roofline.ByPorts:
		by = "load and store ports"
	case "":
		by = "no measured ceiling"
	}
	if p.Chain > 0 {
		by += ", its chain of dependences " + units.SI(p.Chain, "s")
	}
	return by
}
