package tileemu

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/testkit"
)

// emulate runs testdata/tiles and returns what it printed, errors too, and what the emulator says of it.
func emulate(t *testing.T, bin, what string) (res *Result, out, log string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var lines bytes.Buffer
	res, err = Run(t.Context(), Command{Path: bin, Args: []string{bin, what}, Files: []*os.File{nil, file, file}, Log: &lines})
	testkit.SkipUnsupported(t, err)
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text), lines.String()
}

func TestRun(t *testing.T) {
	if cpu.Usable(cpu.AMXINT8) == nil {
		t.Skip("this processor executes tile instructions itself")
	}
	bin := filepath.Join(t.TempDir(), "tiles")
	build := exec.Command("go", "build", "-o", bin, "./testdata/tiles")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); errors.Is(err, exec.ErrNotFound) {
		testkit.SkipUnsupported(t, testkit.MissingTool("go"))
	} else if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, tt := range []struct {
		what     string
		products uint64 // of tiles
		exit     int
		out, log string // what is among them
	}{
		{"products", 100, 0, "ok\n", ""},
		{"child", 100, 0, "ok\n<nil>\nok\n", ""},
		{"nothing", 0, 0, "ok\n", ""},
		{"shapes", 0, 2, "SIGILL", "tdpbssd at 0x"},
		{"palette", 0, 2, "SIGSEGV", "#GP: palette 2\n"},
		{"memory", 0, 2, "SIGSEGV", "#PF: read 16 rows of 64 bytes from 0x0 on"},
		{"illegal", 0, 2, "SIGILL", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			res, out, log := emulate(t, bin, tt.what)
			if res.Exit != tt.exit || !strings.Contains(out, tt.out) {
				t.Errorf("exit code %d, printed %s", res.Exit, out)
			}
			for _, name := range []string{"ldtilecfg", "tdpbssd", "tilestored", "tilerelease"} {
				if got := res.Executed[name]; got != tt.products && tt.exit == 0 {
					t.Errorf("%d of %s, want %d", got, name, tt.products)
				}
			}
			if faults := strings.Count(log, "\n"); !strings.Contains(log, tt.log) || faults != res.Faults || (faults > 0) != (tt.log != "") {
				t.Errorf("%d faults: %s", res.Faults, log)
			}
		})
	}
}

func TestRunOfNothing(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	var u *UnsupportedError
	if _, err := Run(t.Context(), Command{Path: none, Args: []string{none}}); err == nil || errors.As(err, &u) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that does not exist: %v", err)
	}
}

// Where ptrace is refused, here because the program's children are traced by another one, the error says so.
func TestRunWithoutPtrace(t *testing.T) {
	const inner = "TILEEMU_INNER"
	if os.Getenv(inner) != "" {
		_, err := Run(t.Context(), Command{Path: "/proc/self/exe", Args: []string{os.Args[0], "-test.run=^$"}})
		var u *UnsupportedError
		if !errors.As(err, &u) || u.Unsupported() != "tiles" {
			t.Errorf("%v", err)
		}
		return
	}
	t.Setenv(inner, "1")
	res, out, _ := emulate(t, "/proc/self/exe", "-test.run=^TestRunWithoutPtrace$")
	if res.Exit != 0 {
		t.Errorf("exit code %d: %s", res.Exit, out)
	}
}
