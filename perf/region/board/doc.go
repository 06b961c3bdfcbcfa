// Package board is the memory through which marked regions of a measured command report to the tool.
//
// Terms:
//
//	board   an anonymous file (memfd) made by the tool and inherited by the command and its children, all of which map it
//	event   a counter that every marked thread shall open for itself, in groups that are scheduled together
//	slot    the totals of one region in one thread, written by that thread only
//	copy    each slot has two: the writer fills the one that is not valid and then makes it valid with a single store
//	total   what happened between Start and End, nested regions included
//	self    what happened while the region was the innermost one; the selfs of a thread add up to its marked time
//
// Why memory and not messages: an End costs no system call of its own and cannot block, and whatever a process has
// reported is there after it crashed, at whichever instruction. docs/regions.md has the layout, word by word.
//
// The package refuses to trust what it reads: the layout is the tool's own, every number in the memory is checked against
// it, and the file is sealed so that nobody can shrink it under the reader.
package board
