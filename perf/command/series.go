package command

import "time"

// series reads the counters in steps while the command runs.
type series struct {
	on       func(Step)
	counters Counters
	process  process
	run      int
	pass     int
	ticker   *time.Ticker
	tick     <-chan time.Time // nil: no series
	counted  Reading
	end      time.Duration
	cpu      time.Duration
}

func newSeries(o Options, c Counters, p process, run, pass int) *series {
	s := &series{on: o.OnStep, counters: c, process: p, run: run, pass: pass}
	if o.Interval > 0 && o.OnStep != nil {
		s.ticker = time.NewTicker(o.Interval)
		s.tick = s.ticker.C
	}
	return s
}

func (s *series) stop() {
	if s.ticker != nil {
		s.ticker.Stop()
	}
}

// step ends a step now, unless the command has ended in the same moment: then last does, at that time.
func (s *series) step(now time.Duration) {
	if cpu, resident := tree(s.process.pid); cpu > 0 {
		s.finish(now, cpu, resident)
	}
}

// last ends the last step with the end of the command, whose processes are gone.
func (s *series) last(e Ending) {
	if s.tick != nil {
		s.finish(e.Elapsed, e.Usage.User+e.Usage.System, -1)
	}
}

func (s *series) finish(now, cpu time.Duration, resident int64) {
	if now <= s.end {
		return
	}
	step := Step{Run: s.run, Pass: s.pass, End: now, Length: now - s.end, CPU: max(cpu-s.cpu, 0), Resident: resident}
	s.end, s.cpu = now, max(cpu, s.cpu)
	if s.counters != nil {
		if r, err := s.counters.Read(); err == nil {
			step.Counted = r
			if s.counted != nil {
				step.Counted = r.Since(s.counted)
			}
			s.counted = r
		}
	}
	s.on(step)
}
