package inject

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// build compiles a C program of testdata.
func build(t *testing.T, source string, flags ...string) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
	}
	bin := filepath.Join(t.TempDir(), strings.TrimSuffix(source, ".c"))
	args := append([]string{filepath.Join("testdata", source), "-o", bin}, flags...)
	if out, err := exec.Command("gcc", append(args, "-lm", "-lpthread")...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	return bin
}

func count(t *testing.T, function, bin string, args ...string) (*Result, string) {
	t.Helper()
	var out bytes.Buffer
	res, err := Run(t.Context(), Command{Path: bin, Args: append([]string{bin}, args...), Stdout: &out, Stderr: os.Stderr}, function)
	if err != nil {
		t.Fatalf("%s in %s: %v", function, bin, err)
	}
	return res, out.String()
}

func flops(t *testing.T, r *Result) uint64 {
	t.Helper()
	totals, err := r.Profile.Totals()
	if err != nil {
		t.Fatal(err)
	}
	return totals.FLOPs()
}

// symbolValue is the address of a symbol as the file has it.
func symbolValue(t *testing.T, bin, name string) uint64 {
	t.Helper()
	f, err := elf.Open(bin)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(symbols, func(s elf.Symbol) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("%s has no symbol %s", bin, name)
	}
	return symbols[i].Value
}

// matmul of 37×41×29, called 5 times: 2·m·n·k·5 operations, however it was compiled; the program checks its own result.
func TestMatmul(t *testing.T) {
	const want = 5 * 2 * 37 * 41 * 29
	for _, flags := range []string{"-O1", "-O2", "-O3 -mavx2 -mfma -ffp-contract=fast", "-O3 -march=x86-64-v4 -ffast-math", "-O2 -static", "-O2 -static-pie", "-O2 -no-pie", "-O0"} {
		t.Run(flags, func(t *testing.T) {
			bin := build(t, "matmul.c", strings.Fields(flags)...)
			native, err := exec.Command(bin).Output()
			if err != nil {
				t.Skipf("does not run here: %v", err)
			}
			r, out := count(t, "matmul", bin)
			if r.Exit != 0 || out != string(native) {
				t.Errorf("exit code %d, printed %q, natively %q", r.Exit, out, native)
			}
			if at := symbolValue(t, bin, "matmul"); !slices.ContainsFunc(r.Profile.Blocks, func(b instrument.BlockCount) bool { return b.Addr == at }) {
				t.Errorf("no block at %#x, where the file has the function", at)
			}
			if got := flops(t, r); r.Calls != 5 || got != want || !r.Exact() {
				t.Errorf("%d calls, %d FLOPs, exact %t; want 5 and %d", r.Calls, got, r.Exact(), want)
			}
		})
	}
}

// A position-independent program of Go's own linker: its addresses do not begin at 0 in the file.
func TestGoProgram(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("go"))
	}
	for _, mode := range []string{"pie", "exe"} {
		bin := filepath.Join(t.TempDir(), mode)
		cmd := exec.Command(goTool, "build", "-buildmode="+mode, "-o", bin, "./testdata/gopie")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		r, out := count(t, "main.sum.abi0", bin)
		if got := flops(t, r); out != "24\n" || r.Calls != 2 || got != 8 || !r.Exact() {
			t.Errorf("%s: printed %q, %d calls, %d FLOPs, exact %t; want 24, 2 calls and 8 FLOPs", mode, out, r.Calls, got, r.Exact())
		}
	}
}

// Threads have contexts of their own; nothing is lost between them.
func TestThreads(t *testing.T) {
	bin := build(t, "threads.c", "-O2")
	for _, n := range []int{1, 4, 300} { // more than there are contexts
		r, out := count(t, "work", bin, fmt.Sprint(n))
		if !strings.Contains(out, "ok") || r.Exit != 0 {
			t.Fatalf("%d threads: exit code %d, %q", n, r.Exit, out)
		}
		const perThread, flopsPerCall = 1000, 64
		counted := min(n, threads)
		if got := flops(t, r); got != uint64(counted*perThread*flopsPerCall) || r.Calls != uint64(counted*perThread) {
			t.Errorf("%d threads: %d FLOPs in %d calls, want %d in %d", n, got, r.Calls, counted*perThread*flopsPerCall, counted*perThread)
		}
		if len(r.Threads) != counted || r.Native != uint64((n-counted)*perThread) {
			t.Errorf("%d threads: %d of them counted, %d calls natively", n, len(r.Threads), r.Native)
		}
	}
}

// A switch statement jumps through a table, a recursive function calls itself, calls of other files run as they are.
func TestControlFlow(t *testing.T) {
	for _, flags := range []string{"-O1", "-O2", "-O2 -no-pie", "-O2 -fno-jump-tables"} {
		bin := build(t, "control.c", strings.Fields(flags)...)
		native, err := exec.Command(bin).Output()
		if err != nil {
			t.Fatal(err)
		}
		for function, want := range map[string]uint64{"choose": 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8, "recurse": 10, "outside": 3, "tree": 3 * 31, "points": 3} {
			r, out := count(t, function, bin)
			if out != string(native) {
				t.Errorf("%s %s: printed %q, natively %q", flags, function, out, native)
			}
			if function == "points" && (r.Away != 3 || r.AwayTo != "pointed") {
				t.Errorf("%s: %d calls by a pointer, the last of %s", flags, r.Away, r.AwayTo)
			} else if function != "points" && r.Away != 0 {
				t.Errorf("%s %s: %d calls by a pointer", flags, function, r.Away)
			}
			if got := flops(t, r); got != want || !r.Exact() {
				t.Errorf("%s %s: %d FLOPs, exact %t (%d lost); want %d", flags, function, got, r.Exact(), r.Lost, want)
			}
		}
	}
}

// A conditional jump may lead to another file, as compilers make of a call at the end: registers are then what the code left there.
func TestConditionalJumpToAnotherFile(t *testing.T) {
	for _, flags := range []string{"-O2", "-O2 -no-pie"} {
		r, out := count(t, "leaves", build(t, "leaves.c", strings.Fields(flags)...))
		if got := flops(t, r); out != "1 2 3 \n" || got != 3*5 || r.Calls != 3 || !r.Exact() {
			t.Errorf("%s: %d FLOPs in %d calls, printed %q; want %d in 3", flags, got, r.Calls, out, 3*5)
		}
	}
}

func TestSharedLibrary(t *testing.T) {
	dir := t.TempDir()
	lib := filepath.Join(dir, "libk.so")
	if out, err := exec.Command("gcc", "-O2", "-shared", "-fPIC", "-o", lib, filepath.Join("testdata", "library.c")).CombinedOutput(); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("gcc"))
		t.Fatalf("%v\n%s", err, out)
	}
	bin := build(t, "uses.c", "-O2", lib, "-Wl,-rpath,"+dir)
	r, out := count(t, "axpy", bin)
	if got := flops(t, r); got != 3*2*100 || r.Calls != 3 || filepath.Base(r.Object) != "libk.so" || out != "300\n" {
		t.Errorf("%d FLOPs in %d calls in %s, printed %q", got, r.Calls, r.Object, out)
	}
}

func TestChildrenAndSignals(t *testing.T) {
	bin := build(t, "forks.c", "-O2")
	r, _ := count(t, "work", bin)
	if r.Exit != 128+9 {
		t.Errorf("exit code %d of a program that SIGKILL ends", r.Exit)
	}
	if got := flops(t, r); got != 2*50*8 { // the parent's calls, then the child's
		t.Errorf("%d FLOPs of parent and child, want %d", got, 2*50*8)
	}
}

// Threads and processes inherit the GS segment of the thread that makes them, and take contexts of their own all the same.
func TestInheritedContext(t *testing.T) {
	for _, flags := range []string{"-O2", "-O2 -static"} {
		bin := build(t, "inherits.c", strings.Fields(flags)...)
		const calls = 1 + 4*20000 + 2*2*20000
		r, out := count(t, "work", bin)
		if out != "ok\n" {
			t.Errorf("%s: printed %q", flags, out)
		}
		if got := flops(t, r); r.Calls != calls || got != calls*8 || len(r.Threads) != 1+4+1+2 || !r.Exact() {
			t.Errorf("%s: %d calls by %d threads, %d FLOPs; want %d by 8, and %d", flags, r.Calls, len(r.Threads), got, calls, calls*8)
		}
	}
}

// Where programs cannot set GS by themselves the kernel does; here it is made to in any case.
func TestWithoutFSGSBase(t *testing.T) {
	withoutFSGSBase = true
	defer func() { withoutFSGSBase = false }()
	t.Run("threads", TestThreads)
	t.Run("inherited", TestInheritedContext)
	t.Run("children", TestChildrenAndSignals)
	t.Run("handlers", TestSignalHandlers)
	t.Run("start", TestEndsInCall)
	t.Run("bare", TestWithoutLibrary)
	for _, c := range []struct {
		source, flags string
		want          rewrite.Segments
	}{
		{"threads.c", "-O2", rewrite.Pointed}, {"threads.c", "-O2 -static-pie", rewrite.Kernel}, {"threads.c", "-O2 -static", rewrite.Kernel},
		{"bare.c", "-O2 -nostdlib -pie -fPIE -Wl,--as-needed", rewrite.Kernel}, // a loader, but no library: so is a PIE of Go without cgo, whose FS is its own
	} {
		if got := segmentsOf(t, build(t, c.source, strings.Fields(c.flags)...), "1"); got != c.want {
			t.Errorf("%s %s: threads are told apart in way %d, want %d", c.source, c.flags, got, c.want)
		}
	}
}

// segmentsOf is how the threads of a program are told apart.
func segmentsOf(t *testing.T, bin string, args ...string) (s rewrite.Segments) {
	t.Helper()
	err := locked(func() error {
		cmd := exec.Command(bin, args...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
		if err := cmd.Start(); err != nil {
			return err
		}
		defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
		var ws unix.WaitStatus
		if _, err := unix.Wait4(cmd.Process.Pid, &ws, 0, nil); err != nil {
			return err
		}
		p, err := attach(cmd.Process.Pid)
		if err != nil {
			return err
		}
		defer p.close()
		s, err = p.segments()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A program that forbids itself what the kernel is asked for goes on; what it does then is missing, and no thread has 0 calls.
func TestRefused(t *testing.T) {
	withoutFSGSBase = true
	defer func() { withoutFSGSBase = false }()
	for _, flags := range []string{"-O2", "-O2 -static"} {
		r, out := count(t, "work", build(t, "refuses.c", strings.Fields(flags)...))
		if out == "no filter\n" {
			t.Skip("seccomp filters are not permitted here")
		}
		if out != "32096\n" || r.Exit != 0 {
			t.Errorf("%s: exit code %d, printed %q", flags, r.Exit, out)
		}
		if r.Calls != 3 || !slices.Equal(r.Threads, []uint64{3}) || r.Refused != 1000 || r.Native != 0 || r.Exact() {
			t.Errorf("%s: %d calls by %v, %d refused, %d without room, exact %t; want 3 by one thread and 1000 refused", flags, r.Calls, r.Threads, r.Refused, r.Native, r.Exact())
		}
	}
}

// A signal handler may call the function that it has interrupted. Amid the copy's own code the call runs as it is and is missed.
func TestSignalHandlers(t *testing.T) {
	for _, flags := range []string{"-O2", "-O3 -mavx2", "-O2 -static"} {
		bin := build(t, "signals.c", strings.Fields(flags)...)
		r, out := count(t, "work", bin)
		var calls, wrong uint64
		if _, err := fmt.Sscanf(out, "%d calls, %d wrong", &calls, &wrong); err != nil || wrong != 0 {
			t.Fatalf("%s: printed %q: %v", flags, out, err)
		}
		if r.Nested == 0 || r.Exact() || r.Calls+r.Nested != calls {
			t.Errorf("%s: %d calls counted and %d missed of %d", flags, r.Calls, r.Nested, calls)
		}
		if got := flops(t, r); got != r.Calls*2*500 {
			t.Errorf("%s: %d FLOPs in %d calls", flags, got, r.Calls)
		}
		if flags == "-O2 -static" { // raise makes system calls in the same file
			if _, err := Run(t.Context(), Command{Path: bin, Args: []string{bin}}, "raises"); err == nil || !strings.Contains(err.Error(), "link the program dynamically") {
				t.Errorf("raises in a static program: %v", err)
			}
			continue
		}
		if r, out := count(t, "raises", bin); r.Calls != 2 || r.Nested != 0 || !strings.HasSuffix(out, " 0 wrong\n") {
			t.Errorf("%s: a call by way of the library: %d calls, %d missed; printed %q", flags, r.Calls, r.Nested, out)
		}
	}
}

// A call that does not come back may be the last instruction of the code.
func TestEndsInCall(t *testing.T) {
	r, _ := count(t, "_start", build(t, "ends.c", "-O2", "-nostartfiles"))
	if got := flops(t, r); got != 8 || r.Calls != 1 || r.Exit != 0 {
		t.Errorf("%d FLOPs in %d calls, exit code %d; want 8 in 1", got, r.Calls, r.Exit)
	}
}

// Without a C library nothing sets FS.
func TestWithoutLibrary(t *testing.T) {
	r, _ := count(t, "work", build(t, "bare.c", "-O2", "-nostdlib", "-static"))
	if got := flops(t, r); got != 2*8 || r.Calls != 2 || r.Exit != 0 {
		t.Errorf("%d FLOPs in %d calls, exit code %d; want 16 in 2", got, r.Calls, r.Exit)
	}
}

// What an exception would go through is refused; a function that calls nothing but the C library is not.
func TestExceptions(t *testing.T) {
	if _, err := exec.LookPath("g++"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("g++"))
	}
	for _, flags := range []string{"-O2", "-O2 -fno-plt -fcf-protection", "-O0"} {
		bin := filepath.Join(t.TempDir(), "throws")
		args := append(strings.Fields(flags), "-o", bin, filepath.Join("testdata", "throws.cc"))
		if out, err := exec.Command("g++", args...).CombinedOutput(); err != nil {
			t.Fatalf("g++: %v\n%s", err, out)
		}
		native, err := exec.Command(bin).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range []string{"crossed", "catches", "calls"} {
			_, err := Run(t.Context(), Command{Path: bin, Args: []string{bin}}, function)
			if err == nil || !strings.Contains(err.Error(), "C++ exceptions may go up the stack") {
				t.Errorf("%s: %s: %v", flags, function, err)
			}
		}
		r, out := count(t, "quiet", bin)
		if got := flops(t, r); out != string(native) || r.Calls != 6 || got != 6 {
			t.Errorf("%s: %d FLOPs in %d calls, want 6 in 6; printed %q, natively %q", flags, got, r.Calls, out, native)
		}
	}
}

func TestClonesAndUnknown(t *testing.T) {
	bin := build(t, "matmul.c", "-O2")
	_, err := Run(t.Context(), Command{Path: bin, Args: []string{bin}}, "matmull")
	var unknown *UnknownError
	if !errors.As(err, &unknown) {
		t.Errorf("an unknown function: %v", err)
	}
	if _, err := Run(t.Context(), Command{Path: bin, Args: []string{bin}}, "atmu"); err == nil || !strings.Contains(err.Error(), "did you mean matmul") {
		t.Errorf("part of a name: %v", err)
	}
	o := &object{functions: []symbol{{name: "f.constprop.0", addr: 16, size: 5}, {name: "f.cold", addr: 32, size: 5}, {name: "f.isra.0", addr: 48, size: 9}, {name: "ff", addr: 64, size: 9}}}
	if m := o.find("f"); len(m.symbols) > 0 || strings.Join(m.clones, " ") != "f.constprop.0 f.isra.0" {
		t.Errorf("%+v", m)
	}
	// Functions of C++ are found by their names in the source; constructors have two symbols at one address.
	o = &object{functions: []symbol{{name: "_ZN2ns1CC1Ev", addr: 16, size: 5}, {name: "_ZN2ns1CC2Ev", addr: 16, size: 5}, {name: "_ZN2ns1fEd", addr: 32, size: 9}, {name: "_ZN2ns1fEf", addr: 48, size: 9}, {name: "_ZN2ns1gEf.isra.0", addr: 64, size: 9}, {name: "_ZN2ns1gEf.isra.0.cold", addr: 80, size: 9}}}
	for name, want := range map[string]string{"ns::C::C": "1 []", "ns::f": "2 []", "ns::f(float)": "1 []", "ns::g": "0 [_ZN2ns1gEf.isra.0]", "f": "0 []"} {
		if m := o.find(name); fmt.Sprint(len(m.symbols), m.clones) != want {
			t.Errorf("%s: %+v, want %s", name, m, want)
		}
	}
	if got := o.similar("S::F"); strings.Join(got, " ") != "ns::f" {
		t.Errorf("similar to S::F: %v", got)
	}
	if out, err := exec.Command("strip", bin).CombinedOutput(); err != nil {
		t.Skipf("strip: %v %s", err, out)
	}
	if _, err := Run(t.Context(), Command{Path: bin, Args: []string{bin}}, "matmul"); err == nil || !strings.Contains(err.Error(), "stripped") {
		t.Errorf("a stripped program: %v", err)
	}
}

func TestNeverCalled(t *testing.T) {
	bin := build(t, "matmul.c", "-O2")
	r, _ := count(t, "never", bin)
	if r.Calls != 0 || len(r.Profile.Blocks) != 0 {
		t.Errorf("%+v", r)
	}
}
