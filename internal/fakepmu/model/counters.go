package model

import (
	"slices"
	"time"
)

// Intel's top-down events: the slots counter leads the group of its metrics, which have no general counters.
const (
	topdownSlots       = 0x400
	topdownFirstMetric = 0x80 // umasks of event 0
	topdownLastMetric  = 0x87
)

func (k *Kernel) topdownMetric(pmu string, config uint64) bool {
	return k.scenario.Vendor == "intel" && pmu != softwarePMU && !k.scenario.PMUs[pmu].Uncore &&
		config&0xff == 0 && config>>8 >= topdownFirstMetric && config>>8 <= topdownLastMetric
}

// fixed says whether the event has a counter of its own that nobody holds.
func (k *Kernel) fixed(e *Event) bool {
	is := func(text string) bool { return number(text) == e.Attr.Config }
	p := k.scenario.PMUs[e.PMU]
	return slices.ContainsFunc(p.Fixed, is) && !slices.ContainsFunc(p.Held, is) || k.topdownMetric(e.PMU, e.Attr.Config)
}

// need is the number of general counters that events of one PMU take together.
func (k *Kernel) need(events []*Event) (n int) {
	fixed := map[uint64]bool{}
	for _, e := range events {
		switch {
		case e.PMU == softwarePMU:
		case k.fixed(e) && !fixed[e.Attr.Config]:
			fixed[e.Attr.Config] = true
		case slices.ContainsFunc(k.scenario.PMUs[e.PMU].Pair, func(p string) bool { return number(p) == e.Attr.Config&0xff }):
			n += 2
		default:
			n++
		}
	}
	return n
}

// share is the part of its enabled time that an event is on a counter: the PMU's general counters over those wanted in
// the same context.
func (k *Kernel) share(e *Event) float64 {
	if e.spec != nil && e.spec.Never || k.elsewhere(e) {
		return 0
	}
	have := k.scenario.PMUs[e.PMU].GP
	if have == 0 {
		return 1
	}
	var rivals []*Event
	oldest := true // the fixed counter belongs to the oldest event with its code
	for _, x := range k.events {
		if x.everOn && x.PMU == e.PMU && x.thread == e.thread && x.cpu == e.cpu {
			rivals = append(rivals, x)
			oldest = oldest && (x.ID >= e.ID || x.Attr.Config != e.Attr.Config)
		}
	}
	if k.fixed(e) && oldest && len(e.lead.members) == 1 {
		return 1
	}
	if n := k.need(rivals); n > have {
		return float64(have) / float64(n)
	}
	return 1
}

// elsewhere says that the thread is bound to CPUs which the event's PMU does not count on: cores of the other type.
func (k *Kernel) elsewhere(e *Event) bool {
	on := k.cpus[e.PMU]
	if on == nil || e.thread <= 0 || k.scenario.PMUs[e.PMU].Uncore {
		return false
	}
	allowed := k.Affinity(e.thread)
	return len(allowed) > 0 && !slices.ContainsFunc(allowed, func(c int) bool { return slices.Contains(on, c) })
}

func (k *Kernel) enable(e *Event) {
	if e.on {
		return
	}
	e.on, e.everOn, e.since = true, true, k.Now()
	for i := range e.meters {
		e.meters[i].start()
	}
}

func (k *Kernel) disable(e *Event) {
	if !e.on {
		return
	}
	d := k.Now().Sub(e.since)
	e.counted += e.metered()
	e.running += float64(d) * k.share(e)
	e.enabled += d
	e.on = false
}

// time is how long the event has been enabled.
func (k *Kernel) time(e *Event) time.Duration {
	if e.on {
		return e.enabled + k.Now().Sub(e.since)
	}
	return e.enabled
}
