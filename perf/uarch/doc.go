// Package uarch knows the hardware events of microarchitectures, and which microarchitecture this machine is.
//
// Everything about CPUs is data, embedded from tables/: map.csv leads from a CPU to a microarchitecture, one text table per
// microarchitecture describes its PMUs and events, signs.csv tells what contradicts an identification. A new CPU is a
// change of data; see docs/events.md.
//
// Terms:
//
//	uarch   microarchitecture, by the key of its table, e.g. sapphirerapids
//	PMU     a unit that counts: a directory below /sys/bus/event_source/devices; in a table the name may end in <n>, which
//	        stands for every instance (uncore_imc_<n>)
//	field   a part of an event's code by name, e.g. umask; a PMU's format says which bits of config it takes
//	role    what an event is used for, e.g. flops.dp.256 or dram.rd; docs/events.md lists them
//	core    a type of core: a hybrid CPU has several, each with a PMU and events of its own
//
// The package opens no counter. It refuses to guess: a CPU it does not know has no table, and a model that cannot be true
// (virtual machines lie) is not believed.
package uarch
