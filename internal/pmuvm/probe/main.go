//go:build linux && (amd64 || arm64)

// Command probe counts by itself what the test machine's PMU counts, and prints one JSON object a line: what the kernel
// does with groups, multiplexing and permissions is known before roofline is judged by it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// A Result is a line of output; check reads it.
type Result struct {
	Probe    string
	N        uint64  `json:",omitempty"`
	Events   int     `json:",omitempty"`
	Count    uint64  `json:",omitempty"`
	Enabled  uint64  `json:",omitempty"`
	Running  uint64  `json:",omitempty"`
	Worst    float64 `json:",omitempty"` // deviation of a scaled count from the truth
	Config   uint64  `json:",omitempty"`
	Error    string  `json:",omitempty"`
	Paranoid string  `json:",omitempty"`
}

func main() {
	runtime.LockOSThread()
	if os.Getenv("GODEBUG") == "" { // signals of the Go scheduler would run in the counted parts
		_ = os.Setenv("GODEBUG", "asyncpreemptoff=1")
		if self, err := os.Executable(); err == nil {
			_ = unix.Exec(self, os.Args, os.Environ())
		}
	}
	for _, name := range os.Args[1:] {
		f, ok := probes[name]
		if !ok {
			fmt.Fprintf(os.Stderr, "probe: no probe %q\n", name)
			os.Exit(2)
		}
		f()
	}
}

var probes = map[string]func(){
	"exact": exact, "multiplex": multiplex, "limits": limits, "silent": silent, "permissions": permissions,
}

func print(r Result) {
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return unix.ErrnoName(err.(unix.Errno))
}
