// Package pmuvm is what the programs of the virtual machine with a PMU share: the list of jobs and how they report.
//
// QEMU emulates an arm64 core whose PMU counts instructions and cycles; Debian's kernel runs its own PMU driver on it. So
// perf_event_open, groups, multiplexing, inheritance and permissions are the real kernel's, and instruction counts are
// exact and repeatable. docs/hardware.md says what that proves and what it does not.
//
//	initrd  writes the machine's only file system: init, the programs, the jobs
//	init    is process 1: it runs the jobs and prints what they print between marks
//	probe   counts by itself, without roofline: what the kernel does is checked before what roofline makes of it
//	check   reads the machine's output and says what is wrong
//
// scripts/test-pmu-vm runs them all.
package pmuvm

// JobFile is where init finds the jobs.
const JobFile = "/jobs.json"

// Marks of init's lines; fields follow, separated by spaces.
const (
	Mark      = "@@VM"
	MarkStart = "START" // name
	MarkExit  = "EXIT"  // name, exit code, seconds
	MarkDone  = "DONE"
	MarkWarn  = "WARN" // text
)

// Job is a command to be run in the machine.
type Job struct {
	Name   string            `json:"name"`
	Argv   []string          `json:"argv"`
	UID    uint32            `json:"uid,omitempty"`
	Sysctl map[string]string `json:"sysctl,omitempty"` // path below /proc/sys → value written before
}
