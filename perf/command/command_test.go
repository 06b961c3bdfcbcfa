package command

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/region"
	"github.com/roofline-go/roofline/perf/region/board"
)

// actor, when set, makes the test binary play a command.
const actor = "COMMAND_TEST_ACTOR"

func TestMain(m *testing.M) {
	switch part, arg, _ := strings.Cut(os.Getenv(actor), " "); part {
	case "":
		os.Exit(m.Run())
	case "wrap", "once": // be the wrapper of a shell script, for three runs or one
		os.Exit(wrap(arg, map[string]int{"wrap": 3, "once": 1}[part]))
	case "mark":
		region.Do("outer", func() {
			region.Do("\x1b[2J", func() { time.Sleep(time.Millisecond) })
			touch(1000)
		})
	}
}

func wrap(script string, runs int) int {
	path, err := Look("sh")
	if err != nil {
		return 99
	}
	outcomes, err := Run(Command{Path: path, Args: []string{"sh", "-c", script}, Env: without(actor)}, &fake{}, Options{Runs: runs})
	fmt.Fprintln(os.Stderr, "outcomes", len(outcomes), err)
	if len(outcomes) == 0 {
		return 98
	}
	return outcomes[len(outcomes)-1].Status.Code()
}

func without(name string) []string {
	return slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, name+"=") })
}

func touch(n int) {
	page := unix.Getpagesize()
	mem, err := unix.Mmap(-1, 0, n*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		os.Exit(9)
	}
	_ = unix.Madvise(mem, unix.MADV_NOHUGEPAGE)
	for i := range n {
		mem[i*page] = 1
	}
}

// sh runs a shell script under a meter.
func sh(t *testing.T, m Meter, o Options, script string) []Outcome {
	t.Helper()
	path, err := Look("sh")
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := Run(Command{Path: path, Args: []string{"sh", "-c", script}}, m, o)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

func TestEndings(t *testing.T) {
	for script, want := range map[string]struct {
		code int
		text string
	}{
		"exit 0":        {0, "exited with code 0"},
		"exit 3":        {3, "exited with code 3"},
		"exit 255":      {255, "exited with code 255"},
		"kill -TERM $$": {143, "was killed by SIGTERM (signal 15)"},
		"kill -KILL $$": {137, "was killed by SIGKILL (signal 9)"},
	} {
		o := sh(t, &fake{}, Options{}, script)[0]
		if o.Status.Code() != want.code || o.Status.String() != want.text {
			t.Errorf("%s: %d, %q; want %d, %q", script, o.Status.Code(), o.Status, want.code, want.text)
		}
	}
}

func TestUnknownSignal(t *testing.T) {
	if s := (Status{Signal: 64, Core: true}); s.Code() != 192 || s.String() != "was killed by a signal (signal 64, core dumped)" {
		t.Errorf("%d, %q", s.Code(), s)
	}
}

func TestUsage(t *testing.T) {
	begin := time.Now()
	o := sh(t, &fake{}, Options{}, "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 0.05")[0]
	if o.Elapsed < 50*time.Millisecond || o.Elapsed > time.Since(begin) {
		t.Errorf("took %v of %v", o.Elapsed, time.Since(begin))
	}
	if o.Usage.User+o.Usage.System == 0 || o.Usage.User+o.Usage.System > o.Elapsed+20*time.Millisecond || o.Usage.MinorFaults == 0 || o.Usage.Voluntary == 0 {
		t.Errorf("%+v", o.Usage)
	}
}

func TestLook(t *testing.T) {
	dir := t.TempDir()
	plain, script := filepath.Join(dir, "plain"), filepath.Join(dir, "script")
	for file, mode := range map[string]os.FileMode{plain: 0o644, script: 0o755} {
		if err := os.WriteFile(file, []byte("exit 5\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	for name, code := range map[string]int{
		"": 127, "no-such-command": 127, dir + "/none": 127, plain + "/x": 127,
		"plain": 126, plain: 126, dir: 126, "/": 126,
	} {
		_, err := Look(name)
		var start *StartError
		if !errors.As(err, &start) || start.Code != code || start.Name != name {
			t.Errorf("%q: %v, want code %d", name, err, code)
		}
	}
	// A script without #! is one for the shell, as in shells.
	path, err := Look("script")
	if err != nil || path != script {
		t.Fatalf("%q, %v", path, err)
	}
	outcomes, err := Run(Command{Path: path, Args: []string{"script"}}, &fake{}, Options{})
	if err != nil || outcomes[0].Status.Code() != 5 {
		t.Errorf("%+v, %v", outcomes, err)
	}
	// What is found but cannot be executed fails when it is started.
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("#!/no/such/interpreter\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	f := &fake{}
	var start *StartError
	if _, err := Run(Command{Path: bad, Args: []string{"bad"}}, f, Options{Whole: f.NewTally()}); !errors.As(err, &start) || start.Code != 126 || !strings.Contains(err.Error(), "interpreter") {
		t.Errorf("%v", err)
	}
	if f.open != 0 {
		t.Error("counters were left open")
	}
}

// The command sees this process's arguments, environment, directory and files, and no descriptor of ours but the board.
func TestNothingElseIsPassedOn(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	in, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	path, err := Look("sh")
	if err != nil {
		t.Fatal(err)
	}
	c := Command{Path: path, Args: []string{"my shell", "-c", `echo "$0|$X|$(pwd)"; cat; cd /proc/$$/fd && echo *`}, Env: append(os.Environ(), "X=y z"),
		Files: &[3]uintptr{in.Fd(), out.Fd(), out.Fd()}}
	// What os/exec passes on, the shell's own descriptors included, is what has to be seen under us.
	plain := exec.Command(path)
	plain.Args, plain.Env, plain.Stdin, plain.Stdout, plain.Stderr = c.Args, c.Env, in, out, out
	if err := plain.Run(); err != nil {
		t.Fatal(err)
	}
	f := &fake{}
	outcomes, err := Run(c, f, Options{Whole: f.NewTally()})
	if err != nil || outcomes[0].Status.Code() != 0 {
		t.Fatalf("%+v, %v", outcomes, err)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	half := string(text[:len(text)/2])
	if string(text) != half+half || !strings.HasPrefix(half, "my shell|y z|"+dir+"\n0 1 ") {
		t.Errorf("by os/exec, then by us: %q", text)
	}
}

func TestPassesAndRuns(t *testing.T) {
	f := &fake{passes: 3}
	whole := f.NewTally()
	outcomes := sh(t, f, Options{Runs: 2, Whole: whole}, "exit 0")
	if !slices.Equal(f.opened, []int{0, 1, 2, 0, 1, 2}) || len(outcomes) != 6 || f.open != 0 {
		t.Errorf("opened %v, %d outcomes, %d left open", f.opened, len(outcomes), f.open)
	}
	if got := whole.Counts(nil)[perf.Cycles].Value; got != 1+2+3+4+5+6 {
		t.Errorf("%v cycles", got)
	}
}

// A command that cannot be counted runs all the same.
func TestCountingFails(t *testing.T) {
	for _, f := range []*fake{{refuse: errRefused}, {unread: errRefused}} {
		o := sh(t, f, Options{Whole: f.NewTally()}, "exit 4")[0]
		if o.Status.Code() != 4 || !errors.Is(o.Why, errRefused) || f.open != 0 {
			t.Errorf("%+v, %d left open", o, f.open)
		}
	}
}

func TestSeries(t *testing.T) {
	f := &fake{}
	var steps []Step
	enough := filepath.Join(t.TempDir(), "enough") // ends the command, however long the steps take
	outcome := sh(t, f, Options{Whole: f.NewTally(), Interval: 10 * time.Millisecond, OnStep: func(s Step) {
		if steps = append(steps, s); len(steps) == 3 {
			if err := os.WriteFile(enough, nil, 0o644); err != nil {
				t.Error(err)
			}
		}
	}}, "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; until [ -e '"+enough+"' ]; do sleep 0.01; done")[0]
	if len(steps) < 3 {
		t.Fatalf("%d steps of 10 ms in %v", len(steps), outcome.Elapsed)
	}
	var length, cpu time.Duration
	for i, s := range steps {
		length += s.Length
		cpu += s.CPU
		if s.End != length || s.Counted.(fakeReading) != 1 {
			t.Errorf("step %d: %+v, length so far %v", i, s, length)
		}
	}
	if length != outcome.Elapsed {
		t.Errorf("the steps are %v long, the run %v", length, outcome.Elapsed)
	}
	if total := outcome.Usage.User + outcome.Usage.System; cpu < total || cpu > total+20*time.Millisecond {
		t.Errorf("CPU time %v in the steps, %v in all", cpu, total)
	}
	if steps[0].Resident <= 0 {
		t.Errorf("resident memory %d", steps[0].Resident)
	}
}

// The CPU time and memory of children belong to the series too.
func TestTree(t *testing.T) {
	c := exec.Command("sh", "-c", `(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo; sleep 60); exit`)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d/task/%d/children", c.Process.Pid, c.Process.Pid)); err != nil {
		t.Skip("this kernel does not list children")
	}
	own := ownTime(c.Process.Pid)
	cpu, resident := tree(c.Process.Pid)
	if cpu <= own || resident <= residentOf(c.Process.Pid) {
		t.Errorf("tree %v and %d bytes, the process alone %v and %d", cpu, resident, own, residentOf(c.Process.Pid))
	}
}

func TestRegionsOfACommand(t *testing.T) {
	testkit.NeedSelf(t)
	f := &fake{events: []board.Event{{Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_PAGE_FAULTS, Bits: unix.PerfBitExcludeKernel}}}
	c := Command{Path: os.Args[0], Args: []string{"marker"}, Env: append(without(actor), actor+"=mark")}
	outcomes, err := Run(c, f, Options{Runs: 2, Regions: true})
	if err != nil {
		t.Fatal(err)
	}
	m := Collect(f, outcomes)
	if m.Attached != 2 || len(m.Regions) != 2 || m.Misused+m.Lost+m.Deep != 0 {
		t.Fatalf("%+v", m)
	}
	byName := map[string]Region{}
	for _, r := range m.Regions {
		byName[r.Name] = r
	}
	outer, inner := byName["outer"], byName[`\x1b[2J`]
	if outer.Calls != 1 || inner.Calls != 1 || outer.Threads != 1 || inner.Total.Time < time.Millisecond || outer.Total.Time < inner.Total.Time {
		t.Errorf("%+v", m.Regions)
	}
	if n := outer.Total.MinorFaults; n < 1000 || n >= 2000 {
		t.Errorf("%v faults in a run, want 1000 and less than as many again", n)
	}
	if got := outer.Self.Time + inner.Self.Time; got != m.Self.Time {
		t.Errorf("self %v in all, %v by region", m.Self.Time, got)
	}
	if c := outer.Counts[perf.PageFaults]; c.Quality == perf.Exact && (c.Value < 1000 || c.Value >= 2000) {
		t.Errorf("%v faults counted in a run, want 1000 and less than as many again", c.Value)
	}
	if _, ok := os.LookupEnv(board.Env); ok {
		t.Error("the board is in our own environment")
	}
}

// A thousand runs leave no descriptor behind.
func TestNoDescriptorIsLeft(t *testing.T) {
	count := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	f := &fake{}
	run := func(n int) {
		outcomes, err := Run(Command{Path: "/bin/true", Args: []string{"true"}}, f, Options{Runs: n, Regions: true, Whole: f.NewTally()})
		if err != nil || len(outcomes) != n {
			t.Fatalf("%d outcomes, %v", len(outcomes), err)
		}
	}
	run(2)
	before := count()
	runs := 1000
	if testing.Short() {
		runs = 50
	}
	run(runs)
	if after := count(); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
