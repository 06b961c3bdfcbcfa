// Package command runs a command, counts it with its children, and collects what its marked regions report.
//
// Terms:
//
//	command   a program and its arguments, run with this process's own standard files, directory and process group
//	meter     what counts it: the plan of package event, in one or several passes, each of which needs a run of its own
//	outcome   of one run: how it ended, its time, its resource usage, what was counted
//	interval  a time step of a run, with what was counted in it
//
// The counters are opened for the thread that starts the command, with inherit and enable_on_exec: they are handed on
// to the child when it is made, and begin to count when it becomes the command. Nothing of ours is counted, nothing of the
// command is missed, and no helper stands between the two: the exec is done by the Go runtime's own fork.
//
// The package refuses to hide how a command ended: its exit code, or the signal that killed it, is part of every outcome.
package command
