package model

import "strconv"

// values returns what a counter shows, not scaled, and its two times in ns. A share of the time on the counter shows as
// a share of the truth, so that right scaling gives the scenario's value.
func (k *Kernel) values(e *Event) (shown float64, enabled, running uint64) {
	if !e.everOn {
		if e.lead.everOn { // a member opened without disabled=0 under an enabled leader
			return 0, uint64(k.time(e.lead)), 0
		}
		return 0, 0, 0
	}
	total := k.time(e)
	run := e.running
	if e.on {
		run += float64(total-e.enabled) * k.share(e)
	}
	enabled, running = uint64(total), uint64(run)
	if s := e.spec; s != nil && s.Enabled != 0 {
		enabled, running = s.Enabled, s.Running
		if running == 0 && !s.Never {
			running = enabled
		}
	}
	share := 0.0
	if enabled > 0 {
		share = float64(running) / float64(enabled)
	}
	return k.truth(e, enabled)*share - e.zero, enabled, running
}

// truth is the scenario's value of the event after so many ns, times the factor by which its counter lies.
func (k *Kernel) truth(e *Event, enabled uint64) float64 {
	s := e.spec
	if s == nil {
		return 0
	}
	v := s.Value
	if s.ByCPU != nil {
		v = s.ByCPU[strconv.Itoa(e.cpu)]
	}
	v += s.Rate*float64(enabled)/1e9 + e.counted
	if e.on {
		v += e.metered()
	}
	if s.Factor != nil {
		v *= *s.Factor
	}
	return v
}
