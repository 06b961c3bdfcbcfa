package roofline

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
)

// farBelow is the share of its lowest roof below which it is not that roof that holds a run.
const farBelow = 0.25

// FarBelow says that a run is so far below its lowest roof that it is something else that holds it.
func (b Bound) FarBelow() bool { return b.Fraction < farBelow }

// HeldOtherwise is what the sentence of a bound begins with where its roof is far away.
const HeldOtherwise = "held by latency, dependencies or instructions, not by a roof"

// heading names what kind of bound b is.
func (r Run) heading(b limit) string {
	if b.seconds/r.Time.Median < farBelow {
		return HeldOtherwise
	}
	return b.ceiling.Kind + "-bound"
}

// why says in one sentence, with the numbers, which ceiling binds and what was not compared.
func (r Run) why(b limit, limits []limit) string {
	var s strings.Builder
	roof := units.SI(b.ceiling.Value.Median, b.ceiling.Unit)
	if b.ceiling.Kind == "compute" { // as what this run can attain: integers, too, may be bound by a ceiling of scalar f32
		roof = units.SI(b.ceiling.Value.Median, r.Operation()+"/s")
	}
	if b.ceiling.InLines {
		roof += " in lines, both ways"
		if r.foreign() {
			roof += ", at its share of stores"
		}
	}
	switch {
	case b.ceiling.Kind == "compute" && len(limits) == 1:
		fmt.Fprintf(&s, "compute-bound as far as known: %s allows %s, no bytes were counted", b.ceiling.ID, roof)
	case b.ceiling.Kind == "compute":
		fmt.Fprintf(&s, "%s: %s allows %s, every bandwidth more", r.heading(b), b.ceiling.ID, roof)
	case b.ai > 0:
		fmt.Fprintf(&s, "%s: at AI %.3g %s/B %s (%s) allows %s",
			r.heading(b), b.ai, r.Operation(), b.ceiling.ID, roof, units.SI(r.FLOPs()/b.seconds, r.Operation()+"/s"))
	case !r.counted(perf.FLOPs):
		fmt.Fprintf(&s, "bandwidth-bound as far as known: %s allows %s, FLOPs were not counted (%s)", b.ceiling.ID, roof, r.missing())
	default:
		fmt.Fprintf(&s, "%s: it has no FLOPs, %s allows %s", r.heading(b), b.ceiling.ID, roof)
	}
	fmt.Fprintf(&s, "; %s of it reached%s", reached(b.seconds/r.Time.Median), r.atClock(b.ceiling))
	if skipped := r.skipped(limits); len(skipped) > 0 {
		fmt.Fprintf(&s, "; no bandwidth ceiling for %s", strings.Join(skipped, ", "))
	}
	return s.String()
}

// reached is a share of a roof in per cent; below 1 % it has a digit that is not 0.
func reached(share float64) string {
	if share > 0 && share < 0.0095 {
		return strconv.FormatFloat(100*share, 'g', 1, 64) + " %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

func (r Run) counted(q perf.Quantity) bool { _, ok := r.Count(q); return ok }

// skipped lists the levels with known bytes that no ceiling was compared with.
func (r Run) skipped(limits []limit) (levels []string) {
next:
	for _, level := range r.KnownLevels() {
		for _, l := range limits {
			if l.ceiling.Level == level {
				continue next
			}
		}
		levels = append(levels, level)
	}
	return levels
}

// declaredBytes says whether some bytes of the comparison are declared, not counted.
func (r Run) declaredBytes(limits []limit) bool {
	for _, l := range limits {
		if c, ok := r.Count(Bytes(l.ceiling.Level)); ok && c.Quality == perf.Analytic {
			return true
		}
	}
	return false
}

// uncertain is the relative half width of an interval beyond which it was the machine that was measured more than the kernel.
const uncertain = 0.2

// advice names the next step that follows from the comparison alone; it does not guess at causes inside the core.
func (r Run) advice(b limit, ceilings []Ceiling) []string {
	advice := []string{}
	if b.ceiling.Kind == "compute" {
		if c, ok := (Run{DType: r.DType, Threads: r.Threads}).ComputeRoof(ceilings); ok && c.Value.Median > 1.05*b.ceiling.Value.Median {
			advice = append(advice, fmt.Sprintf("use wider or other instructions: %s is %.1f times as high as this variant's roof", c.ID, c.Value.Median/b.ceiling.Value.Median))
		}
	}
	switch fraction := b.seconds / r.Time.Median; {
	case fraction < 0.5 && r.Time.Known() && r.Time.RelHalfWidth() > uncertain:
		advice = append(advice, fmt.Sprintf("measure again with less else running before looking further: the time is known to ±%.0f %% only", 100*r.Time.RelHalfWidth()))
	case fraction < 0.5 && b.ceiling.Kind == "bandwidth" && r.declaredBytes([]limit{b}):
		advice = append(advice, fmt.Sprintf("look at latency and at traffic of %s beyond the compulsory bytes, which were not counted but declared", b.ceiling.Level))
	case fraction < 0.5:
		advice = append(advice, "look at dependency chains and instruction overhead: no ceiling measured here explains the time")
	case fraction >= 0.8 && fraction <= aboveRoof && b.ceiling.Kind == "bandwidth":
		bytes := "fewer bytes per " + r.Operation()
		if !(r.FLOPs() > 0) {
			bytes = "fewer bytes"
		}
		advice = append(advice, fmt.Sprintf("only %s at %s help: block for the level inside it, fuse with the next operation, or use a smaller type", bytes, b.ceiling.Level))
	}
	return advice
}

// diagnose explains how a run can lie above its roof: a ceiling or a count is wrong, and which one depends on both.
func (r Run) diagnose(b limit) Warning {
	w := Warning{About: r.ID(), Text: fmt.Sprintf("%.1f %% of the attainable performance under %s: above its roof, so the ceiling or a count is wrong.",
		100*b.seconds/r.Time.Median, b.ceiling.ID)}
	causes := []string{"the ceiling is stale, or was measured at another clock or on a busier machine"}
	w.Cure = "measure the ceiling again: `roofline ceilings --refresh`"
	quantity := perf.FLOPs
	if b.ceiling.Kind == "bandwidth" {
		quantity = Bytes(b.ceiling.Level)
	}
	switch c, _ := r.Count(quantity); {
	case c.Quality == perf.Analytic && b.ceiling.Kind == "bandwidth":
		causes = append(causes, fmt.Sprintf("part of the operands stayed in a level inside %s from call to call, which compulsory bytes leave out", b.ceiling.Level))
	case c.Quality == perf.Analytic && r.Roof == "":
		causes = append(causes, "no ceiling was declared for the kernel and a faster one exists that was not measured")
	case c.Quality == perf.Analytic:
		causes = append(causes, fmt.Sprintf("the kernel declares more FLOPs than it executes, or its code can do better than %s", r.Roof))
	case c.Quality == perf.Scaled:
		causes = append(causes, fmt.Sprintf("%s was multiplexed (counted %.0f %% of the time and scaled up)", quantity, 100*c.Running))
	case b.ceiling.InLines || b.ceiling.Op == "load" && r.streams(b.ceiling.Level): // what is counted is what the ceiling counts
		causes = append(causes, fmt.Sprintf("the %s source overcounts %s", c.Source, quantity))
	case b.ceiling.Kind == "bandwidth" && b.ceiling.Level != "L1":
		causes = append(causes, fmt.Sprintf("%s holds lines that stores read first and that are written back, which the ceiling's loop moves without counting them: a kernel that mostly writes may stand above it (roofline help traffic)", quantity))
	default:
		causes = append(causes, fmt.Sprintf("the %s source overcounts %s", c.Source, quantity))
	}
	if !b.ceiling.Value.Known() || b.ceiling.Value.RelHalfWidth() > 0.02 {
		causes = append(causes, "the ceiling's own interval is wide")
	}
	w.Text += " Possible causes: " + strings.Join(causes, "; ")
	return w
}
