// Package loop is the tuning loop: build, keep what was built, measure it against what was there before, remember.
//
// Terms:
//
//	subject    what is tuned: it can be built anew and what was built can be kept
//	version    one build that was kept, so that it can be run again beside a newer one
//	iteration  one turn of the loop; a build or a version may fail, and the loop goes on
//	previous   the latest version that worked; best the fastest so far
//
// A new version is compared live, in pairs of processes in alternating order, with the previous one and, where that is
// another, with the best one. The package refuses to compare files that are byte for byte the same.
package loop
