package event

import (
	"fmt"

	"github.com/roofline-go/roofline/perf"
)

// hybrid adds up what the PMUs of several core types counted of threads that may have moved between them. A PMU counts
// only while the thread is on its cores, so its running share is not that of multiplexing: scaling each would count the
// time on the other cores twice. Their counts are added as they are; only where all shares together leave time uncounted
// is the sum scaled up by it. A core type that cannot count the quantity makes it missing, unless nothing ran there.
func (t *Tally) hybrid(q perf.Quantity, on []chosen, calls float64) perf.Count {
	var sum amount
	var recipes []recipe
	for _, u := range t.plan.machine.cores {
		a := amount{why: u.whyNot(q)}
		for _, x := range on {
			if x.unit == u {
				a = t.amount(x)
				recipes = append(recipes, x.recipe)
			}
		}
		if a.why != "" {
			if share, known := t.instructionsOn(u); !known || share > 0 {
				return perf.NotCounted(perf.SourcePMU, fmt.Sprintf("%s; %s", a.why, ranOn(u.name, share, known)))
			}
			continue
		}
		sum.raw += a.raw
		sum.mean += a.mean
		sum.unseen += a.unseen
		sum.names = a.names
	}
	sum.share = min(sum.mean, 1)
	if sum.share > 1-roundTrip {
		sum.share = 1
	}
	sum.scaled = sum.raw
	if sum.share > 0 {
		sum.scaled /= sum.share
	}
	c := judge(sum, perf.SourcePMU, calls)
	for _, r := range recipes {
		c = r.bound(c, sum)
	}
	return c
}

// roundTrip is what a thread's moves between core types may leave of its time to neither PMU.
const roundTrip = 0.001

func ranOn(name string, share float64, known bool) string {
	if !known {
		return "how much ran there is not known"
	}
	return fmt.Sprintf("%.1f %% of the instructions ran on %s", 100*share, name)
}

// instructionsOn is the share of all instructions that ran on one core type.
func (t *Tally) instructionsOn(u *unit) (share float64, known bool) {
	var all, here float64
	for _, x := range t.plan.chosen[perf.Instructions] {
		a := t.amount(x)
		if a.why != "" {
			return 0, false
		}
		all += a.raw
		if x.unit == u {
			here, known = a.raw, true
		}
	}
	if all == 0 {
		return 0, false
	}
	return here / all, known
}
