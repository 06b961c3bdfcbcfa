// Package sim simulates the traffic of a stream of memory accesses through a hierarchy of caches.
//
// It knows neither kernels nor instructions: its input is (core, address, size, load | store | store past the caches |
// prefetch). What comes out is a model's answer, not the machine's, and is labelled "simulated" wherever it is shown.
// docs/simulator.md says what is modelled, from which sources, and what is not.
//
// Words used here:
//
//   - line: the unit in which caches hold and move data, 64 B on most machines.
//   - access: the lookup of one line by the core. A reference that crosses a line is two accesses.
//   - fill: a line brought in from outside, on demand or by a prefetch.
//   - write-back: a dirty line that leaves a cache outwards.
//   - eviction: a line displaced by another, dirty or clean.
//   - compulsory, capacity, conflict miss: see Counts; only with Config.Classify.
//   - array: an address range with a name; lines outside of all are "other".
//   - warm: the state that earlier calls left in the caches. ResetCounts forgets the counts and keeps the caches, so that
//     the second call onwards shows the steady state, the one that repeated timing measures.
//
// The package refuses what it cannot index or order (a size that is no multiple of ways × line, a tree-PLRU of a shape
// that no tree has) instead of rounding it. A System is one machine and is used by one goroutine at a time: cores are
// interleaved by the order of the calls.
package sim
