// Package event counts with the events of the Linux kernel's perf subsystem.
//
// Terms:
//
//	event      what the kernel counts: a hardware event of the CPU's PMU or a software event of the kernel itself
//	group      events that are scheduled together, so that their counts belong to the same time
//	enabled    how long a group should have counted
//	running    how long it did count: less than enabled when the events shared the hardware counters with others
//
// Sources: PMU (generic hardware events) and OS (context switches, migrations, page faults). Events are opened for
// the calling OS thread; several threads are counted by as many groups, whose counts are summed.
//
// The package refuses to call a counter's zero a count unless the event was seen counting. It chooses no event by the
// CPU's model number: the generic events' codes come from the kernel.
package event
