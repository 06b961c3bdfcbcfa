package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
)

const (
	longSample  = 100e-6 // s: the shortest sample that is fit
	quietWidth  = 0.02   // relative half-width of the interval of the median
	quietSwitch = 0.1    // involuntary switches per sample
)

// quality judges the measurement of a run, a line for each criterion. What is not known is not fit.
func quality(run *roofline.Run, c Context) []roofline.Check {
	checks := []roofline.Check{pinned(run)}
	for name, title := range map[string]string{"governor": "clock", "smt": "sibling"} {
		if i := slices.IndexFunc(c.Machine.Quality, func(k roofline.Check) bool { return k.Name == name }); i >= 0 {
			k := c.Machine.Quality[i]
			k.Name = title
			checks = append(checks, k)
		}
	}
	slices.SortStableFunc(checks[1:], func(a, b roofline.Check) int { return strings.Compare(a.Name, b.Name) })
	return append(checks, undisturbed(run), longEnough(run), steady(run), coverage(run), floor(c), verified(run, c))
}

// Score is the number of fit lines and of all.
func Score(checks []roofline.Check) (fit, all int) {
	for _, k := range checks {
		if k.OK {
			fit++
		}
	}
	return fit, len(checks)
}

func pinned(run *roofline.Run) roofline.Check {
	k := roofline.Check{Name: "pinned"}
	switch n, ok := run.Count(perf.Migrations); {
	case !ok:
		k.Text, k.Cure = "not known whether threads changed their CPU", "allow this process to count its migrations (perf_event_paranoid ≤ 1)"
	case n.Value > 0:
		k.Text, k.Cure = fmt.Sprintf("threads changed their CPU, %.2g times a call", n.Value), "leave the affinity of this process alone while it measures"
	default:
		k.OK, k.Text = true, fmt.Sprintf("%s, none changed its CPU", threadsText(run.Threads))
	}
	return k
}

func threadsText(n int) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}

func undisturbed(run *roofline.Run) roofline.Check {
	k := roofline.Check{Name: "undisturbed"}
	n, ok := run.Count(perf.InvoluntarySwitches)
	perSample := n.Value * float64(max(run.Time.Batch, 1))
	switch {
	case !ok:
		k.Text = "not known whether other programs took the CPU"
	case perSample > quietSwitch:
		k.Text, k.Cure = fmt.Sprintf("other programs took the CPU, %s times a sample", few(perSample)), "stop other programs"
	default:
		k.OK, k.Text = true, fmt.Sprintf("%s involuntary switches a sample", few(perSample))
	}
	return k
}

// few is a number with two digits, and no exponent where it is large.
func few(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2g", v)
}

func longEnough(run *roofline.Run) roofline.Check {
	long := run.Time.Median * float64(max(run.Time.Batch, 1))
	k := roofline.Check{Name: "long", OK: long >= longSample, Text: fmt.Sprintf("a sample takes %s", duration(long))}
	if !k.OK {
		k.Text += fmt.Sprintf(", less than %s", duration(longSample))
		k.Cure = "time more calls at once, or a larger problem"
	}
	return k
}

func steady(run *roofline.Run) roofline.Check {
	k := roofline.Check{Name: "steady"}
	switch {
	case !run.Time.Known():
		k.Text, k.Cure = "no interval from "+units.Count(run.Time.N, "sample"), "let the measurement finish"
	default:
		w := run.Time.RelHalfWidth()
		k.OK, k.Text = w <= quietWidth, fmt.Sprintf("interval of the median ±%.2g %%", 100*w)
		if !k.OK {
			k.Cure = "stop other programs, or raise --time-budget"
		}
	}
	return k
}

// coverage judges whether FLOPs and the bytes of all levels were counted, and whole.
func coverage(run *roofline.Run) roofline.Check {
	k := roofline.Check{Name: "counts"}
	var missing, scaled []string
	for _, q := range []perf.Quantity{perf.FLOPs, perf.BytesL1, perf.BytesL2, perf.BytesL3, perf.BytesDRAM} {
		switch c, ok := run.Count(q); {
		case !ok:
			missing = append(missing, string(q))
		case c.Quality == perf.Scaled:
			scaled = append(scaled, fmt.Sprintf("%s (%.0f %%)", q, 100*c.Running))
		case c.Quality == perf.Analytic:
			missing = append(missing, string(q)+" (declared only)")
		}
	}
	switch {
	case len(missing) > 0:
		k.Text, k.Cure = "not counted: "+strings.Join(missing, ", "), "roofline doctor says what can be counted here"
	case len(scaled) > 0:
		k.Text, k.Cure = "counted a part of the time: "+strings.Join(scaled, ", "), "leave --one-pass out"
	default:
		k.OK, k.Text = true, "FLOPs and the bytes of every level were counted, all of the time"
	}
	return k
}

// floor judges whether it is known how much identical code differs here.
func floor(c Context) roofline.Check {
	if c.Floor > 0 {
		return roofline.Check{Name: "A/A", OK: c.Floor <= quietWidth, Text: fmt.Sprintf("identical code differs by up to %.2g %% here", 100*c.Floor)}
	}
	return roofline.Check{Name: "A/A", Text: "not known how much identical code differs here", Cure: "roofline compare --aa KERNEL"}
}

// verified judges the counters in use by the verdicts on this machine's.
func verified(run *roofline.Run, c Context) roofline.Check {
	k := roofline.Check{Name: "verified"}
	var without, off []string
	good := 0
	for _, q := range []perf.Quantity{perf.FLOPs, perf.BytesL1, perf.BytesL2, perf.BytesL3, perf.BytesDRAM} {
		n, ok := run.Count(q)
		if !ok {
			continue
		}
		on := perf.JudgedOn(q, run.DType)
		i := slices.IndexFunc(c.Machine.PMU.Verdicts, func(v perf.Verdict) bool { return v.Source == n.Source && v.Quantity == q && v.On == on })
		switch {
		case i < 0:
			without = append(without, string(q))
		case c.Machine.PMU.Verdicts[i].Status == perf.Verified:
			good++
		default:
			off = append(off, string(q))
		}
	}
	switch {
	case len(off) > 0:
		k.Text, k.Cure = "known work showed these counts to be off: "+strings.Join(off, ", "), "roofline doctor"
	case good == 0:
		k.Text, k.Cure = "no count in use has been compared with known work", "roofline doctor"
	default:
		k.OK, k.Text = true, fmt.Sprintf("%d counts in use agree with kernels of known work", good)
		if len(without) > 0 {
			k.Text += "; no such kernel for " + strings.Join(without, ", ")
		}
	}
	return k
}
