// Package region marks regions of a program, so that `roofline measure -- CMD` counts them one by one.
//
//	defer region.Start("solve").End()
//
// Terms:
//
//	region   a part of the program with a name; where it was entered from does not matter, only its name does
//	entry    one Start and its End
//	total    of a region: from Start to End, nested regions included; of a recursive region, its outermost entries only
//	self     of a region: the part of its total in which no nested region was open
//
// Start locks the goroutine to its OS thread until End, since counters belong to threads: work that the region hands to
// other goroutines is counted only if these mark it too. Entries of several threads add up.
//
// Outside `roofline measure` every call is a no-op: a load and a branch. Inside, a thread's first entry opens its counters
// and each region's first entry in a thread takes a slot; after that nothing is allocated. An entry costs two readings of
// the clock, of getrusage and of each group of counters, most of it outside the counted part; docs/regions.md has numbers.
//
// The package refuses to guess: an End on another goroutine than its Start, a second End, or an entry more than 64 deep is
// not counted and reported as such.
//
// C and C++ programs include roofline.h beside this file instead.
package region
