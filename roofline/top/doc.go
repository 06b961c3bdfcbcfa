// Package top profiles a program by its operations: which share of the time, of the FLOPs, of the bytes and of the
// allocations each takes, and how near it comes to the roof.
//
//	op := top.Start("attention")
//	q := op.Start("project")       // within attention
//	matmul(...)
//	q.Done(top.Work{FLOPs: 2 * m * n * k, Bytes: 4 * (m*k + k*n + m*n)})
//	op.Done(top.Work{})
//
// Terms:
//
//	operation  a part of the program with a name, within the operation that started it or at the top
//	path       the names from the top to an operation, attention/project
//	total      of a path: its own work and time, and those of all operations within
//	self       of a path: its time less that of the operations within
//
// Nothing is recorded unless the program runs under `roofline top -- CMD`, which names a file in the environment, or a
// Recorder was made: a Start costs about a nanosecond then. What was recorded is in the file when Flush returns; `roofline
// top` prints it, and exports it for pprof and Perfetto.
//
// The work is what the program declares; the package counts nothing itself, except allocations. An operation that is never
// done is not recorded, and its name is reported.
package top
