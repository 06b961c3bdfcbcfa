// Package analysis says why a run takes the time it takes: it composes the bound of what was executed from the measured
// ceilings, divides the measured time into causes, finds faults with their cure and expected gain, judges the quality of the
// measurement, and answers what would be if some of it were different. It is pure: it reads nothing but the run, the machine's
// description and the ceilings.
//
// Terms:
//
//	phase      code that runs alone for long enough that a core cannot overlap it with what comes before and after
//	resource   a pipe or a level, and the time that it needs for what was executed
//	composed   the bound of this very code: in a phase resources work side by side (max), phases one after the other (sum)
//	ideal      the bound of the algorithm on this machine, whatever the code
//	gap        from the ideal to the measured time, in parts that have a cause
//	finding    a fault that is seen in counts, with what its cure would change in the bound
//
// The package refuses to explain what no ceiling or count explains: that part of a gap is called other.
package analysis
