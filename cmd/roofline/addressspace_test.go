package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

// Where the address space is limited too much, an error says so with its cure, and not the runtime with a trace of its stack.
func TestLimitedAddressSpace(t *testing.T) {
	testkit.SkipRace(t, "the race detector reserves more address space than the limit")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"measure dot/best/f32 --shape 64", "ceilings --quick", "doctor"} {
		cmd := exec.Command("sh", "-c", fmt.Sprintf("ulimit -v 2000000; exec '%s' %s", self, command))
		cmd.Env = append(os.Environ(), asRoofline+"=1", "ROOFLINE_CACHE="+t.TempDir())
		cmd.Dir = t.TempDir()
		text, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != exitUnfit || !strings.Contains(string(text), "ulimit -v unlimited") {
			t.Errorf("%s: exit code %d: %s", command, code, text)
		}
	}
}
