package main

import (
	"fmt"
	"io"
	"os"
	"testing"
)

// A pipe is written where it is, though no file can be made beside it: --json >(jq .).
func TestWriteToPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	file := fmt.Sprintf("/proc/self/fd/%d", w.Fd())
	if err := checkJSON(file); err != nil {
		t.Error(err)
	}
	if err := writeJSON(file, 12); err != nil {
		t.Error(err)
	}
	w.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "12\n" {
		t.Errorf("%q, %v", got, err)
	}
}
