// Package event counts with the events of the Linux kernel's perf subsystem.
//
// Terms:
//
//	event      what the kernel counts: a hardware event of a PMU or a software event of the kernel itself
//	PMU        a unit that counts: of each core (cpu; cpu_core and cpu_atom) or of the uncore (memory controllers, energy)
//	group      events that are scheduled together, so that their counts belong to the same time
//	enabled    how long a group should have counted
//	running    how long it did count: less than enabled when the events shared the hardware counters with others
//	plan       which events count the wanted quantities, packed into passes
//	pass       what fits on the PMUs at the same time; a workload is run again for every pass
//	target     whose events are counted: a thread, a process and its children, the system
//	tally      what was counted, added up over threads and passes, and turned into quantities
//
// A kernel is counted by the source PMU, which does all of the following itself. Whoever counts something else does this:
//
//	plan, err := event.NewPlan(want, event.Options{OnePass: true})
//	tally := plan.NewTally()
//	for pass := range plan.Passes {
//		own, err := plan.Open(pass, event.Process(pid))    // before its execve; or ThisThread
//		system, err := plan.Open(pass, event.System())     // memory controllers and energy: a window of the machine
//		err = system.Start()                               // a Process needs no Start
//		…run…
//		s, now := system.NewSnapshot(), own.NewSnapshot()
//		err = system.Stop(&s)                              // what was counted since Start
//		err = own.Read(&now)                               // what was counted since the opening
//		tally.Add(pass, system, s)
//		tally.Add(pass, own, now)
//		own.Close(); system.Close()
//	}
//	counts := tally.Counts(1)
//
// Start, Stop and Read allocate nothing; Start and Stop may be repeated, the counters stay enabled in between. A time
// series takes Reads and their Since.
//
// The package refuses to call a counter's zero a count unless the event was seen counting. It chooses no event by the
// CPU's model number: the generic events' codes come from the kernel.
package event
