package tileemu

import (
	"io"
	"os"
)

// Command is a program to run.
type Command struct {
	Path  string
	Args  []string   // with the program's name
	Env   []string   // nil: that of this process
	Files []*os.File // standard input, output and error
	Log   io.Writer  // gets a line for each fault
}

// Result is what became of a program.
type Result struct {
	Exit     int               // exit code; 128 and the signal that ended it
	Executed map[string]uint64 // tile instructions that were executed for it and for its children, by name
	Faults   int               // and those that were not
}
