package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The command has no dynamic linker: what loads objects by one would link it dynamically. (Its own mapper, of measure --object,
// runs in child processes.)
func TestCommandCannotLoadObjects(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "github.com/roofline-go/roofline/cmd/roofline").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 50 {
		t.Fatalf("only %d dependencies listed", len(deps))
	}
	for _, d := range deps {
		if strings.Contains(d, "purego") {
			t.Errorf("roofline depends on %s, which belongs into roofline-native alone", d)
		}
	}
}
