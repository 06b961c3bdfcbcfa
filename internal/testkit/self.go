package testkit

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// NeedSelf skips the test when the kernel cannot execute the test binary: under an emulator of user programs it runs in a
// process of another architecture.
func NeedSelf(t testing.TB) {
	t.Helper()
	if err := exec.Command(os.Args[0], "-test.run=^$").Run(); errors.Is(err, syscall.ENOEXEC) {
		SkipUnsupported(t, MissingTool("a kernel for this architecture"))
	}
}
