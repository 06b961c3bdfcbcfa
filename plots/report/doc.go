// Package report writes results as one HTML file that needs no network: an interactive roofline, what binds each kernel and
// what to do about it, and every number with its interval, source and formula.
//
// Terms:
//
//	entry    one measurement that went into the report
//	current  the runs that the report is about: those of the newest entry, or the newest of every kernel of a session
//	past     earlier runs of the same kernels: the base of a comparison, or the steps of a session
//	glance   the first table: which roof binds, how far away it is, what to do next
//
// The page is complete without scripts: every section is made here, and scripts only replace the drawn chart by one that
// answers. Texts of results (names, commands, reasons) are data: they reach the page through html/template or as JSON, and
// a Content-Security-Policy lets nothing run but the scripts of this package.
package report
