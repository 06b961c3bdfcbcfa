package model

import (
	"encoding/binary"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// clock is a time that tests move.
type clock struct{ now time.Time }

func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

// play makes a kernel with a core PMU of two general counters and an uncore one.
func play(change func(*Scenario)) (*Kernel, *clock) {
	s := Scenario{
		Vendor: "intel", CPUs: 4, Paranoid: 2,
		PMUs: map[string]PMU{
			"cpu":          {GP: 2, Fixed: []string{"0xc0", "0x3c"}},
			"uncore_imc_0": {Uncore: true, GP: 4},
		},
		Events: []EventSpec{
			{PMU: "cpu", Config: "0xc0", Value: 1e6},
			{PMU: "cpu", Config: "0x1c7", Value: 4000},
			{PMU: "cpu", Config: "0x2c7", Value: 600},
			{PMU: "cpu", Config: "0x4c7", Rate: 1000},
			{PMU: "uncore_imc_0", Config: "0xf04", ByCPU: map[string]float64{"0": 7, "2": 9}},
		},
	}
	if change != nil {
		change(&s)
	}
	k := New(s, []Device{{Name: "cpu", Type: 4}, {Name: "uncore_imc_0", Type: 17, CPUs: []int{0, 2}}})
	c := &clock{time.Unix(1000, 0)}
	k.Now, k.Alive = func() time.Time { return c.now }, func(pid int) bool { return pid < 1000 }
	return k, c
}

const userOnly = unix.PerfBitDisabled | unix.PerfBitExcludeKernel

const plain = unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING

func onThread(config uint64, lead *Event) Request {
	return Request{Attr: Attr{Type: 4, Config: config, Bits: userOnly, ReadFormat: plain}, Thread: 10, CPU: -1, Leader: lead}
}

func mustOpen(t *testing.T, k *Kernel, r Request) *Event {
	t.Helper()
	e, errno := k.Open(r)
	if errno != 0 || e == nil {
		t.Fatalf("open %#x: %v", r.Attr.Config, errno)
	}
	return e
}

func control(t *testing.T, k *Kernel, e *Event, request uint64) {
	t.Helper()
	if _, errno := k.Ioctl(e, request, 0); errno != 0 {
		t.Fatal(errno)
	}
}

// reading returns the words of a read.
func reading(t *testing.T, k *Kernel, e *Event) (words []uint64) {
	t.Helper()
	b, errno := k.Read(e, 1024)
	if errno != 0 {
		t.Fatal(errno)
	}
	for ; len(b) > 0; b = b[8:] {
		words = append(words, binary.LittleEndian.Uint64(b))
	}
	return words
}

func TestOpenIsRefused(t *testing.T) {
	uncore := Request{Attr: Attr{Type: 17, Config: 0xf04}, Thread: -1, CPU: 0}
	with := func(r Request, change func(*Request)) Request { change(&r); return r }
	tests := map[string]struct {
		r        Request
		scenario func(*Scenario)
		want     syscall.Errno
	}{
		"user mode at 2":            {onThread(0xc0, nil), nil, 0},
		"kernel mode at 2":          {with(onThread(0xc0, nil), func(r *Request) { r.Attr.Bits = 0 }), nil, unix.EACCES},
		"anything at 3":             {onThread(0xc0, nil), func(s *Scenario) { s.Paranoid = 3 }, unix.EACCES},
		"anything, privileged":      {onThread(0xc0, nil), func(s *Scenario) { s.Paranoid, s.Privileged = 3, true }, 0},
		"system-wide at 1":          {uncore, func(s *Scenario) { s.Paranoid = 1 }, unix.EACCES},
		"system-wide at 0":          {uncore, func(s *Scenario) { s.Paranoid = 0 }, 0},
		"uncore of a thread":        {with(uncore, func(r *Request) { r.Thread = 10 }), func(s *Scenario) { s.Paranoid = 0 }, unix.EINVAL},
		"uncore, user mode":         {with(uncore, func(r *Request) { r.Attr.Bits = userOnly }), func(s *Scenario) { s.Paranoid = 0 }, unix.EINVAL},
		"no CPU of that number":     {with(onThread(0xc0, nil), func(r *Request) { r.CPU = 4 }), nil, unix.EINVAL},
		"a dead process":            {with(onThread(0xc0, nil), func(r *Request) { r.Thread = 1000 }), nil, unix.ESRCH},
		"unknown type":              {with(onThread(0xc0, nil), func(r *Request) { r.Attr.Type = 99 }), nil, unix.ENOENT},
		"unknown config":            {onThread(0x777, nil), nil, 0},
		"unknown config, by errno":  {onThread(0x777, nil), func(s *Scenario) { s.Unknown = "ENOENT" }, unix.ENOENT},
		"rule for the config":       {onThread(0x1c7, nil), rule(ErrorSpec{PMU: "cpu", Config: "0x1c7", Errno: "ENOSYS"}), unix.ENOSYS},
		"rule for another config":   {onThread(0x2c7, nil), rule(ErrorSpec{PMU: "cpu", Config: "0x1c7", Errno: "ENOSYS"}), 0},
		"rule for sampling":         {onThread(0x1c7, nil), rule(ErrorSpec{Sampling: true, Errno: "EOPNOTSUPP"}), 0},
		"rule for a full table":     {onThread(0x1c7, nil), rule(ErrorSpec{AfterOpens: 1, Errno: "EMFILE"}), 0},
		"rule for everything":       {onThread(0x1c7, nil), rule(ErrorSpec{Errno: "EPERM"}), unix.EPERM},
		"top-down without slots":    {onThread(0x8000, nil), nil, unix.EINVAL},
		"generic event":             {with(onThread(1, nil), func(r *Request) { r.Attr.Type = 0 }), nil, 0},
		"generic event of no CPU":   {with(onThread(77, nil), func(r *Request) { r.Attr.Type = 0 }), nil, unix.ENOENT},
		"cache event":               {with(onThread(0x10000, nil), func(r *Request) { r.Attr.Type = 3 }), nil, unix.ENOENT},
		"cache event of a scenario": {with(onThread(0x10000, nil), func(r *Request) { r.Attr.Type = 3 }), func(s *Scenario) { s.Generic = map[string]string{"3:0x10000": "0x1c7"} }, 0},
	}
	for name, test := range tests {
		k, _ := play(test.scenario)
		if _, errno := k.Open(test.r); errno != test.want {
			t.Errorf("%s: %v, want %v", name, errno, test.want)
		}
	}
}

func rule(e ErrorSpec) func(*Scenario) { return func(s *Scenario) { s.Errors = []ErrorSpec{e} } }

func TestFullTableOfFiles(t *testing.T) {
	k, _ := play(rule(ErrorSpec{AfterOpens: 2, Errno: "EMFILE"}))
	first := mustOpen(t, k, onThread(0xc0, nil))
	mustOpen(t, k, onThread(0x3c, nil))
	if _, errno := k.Open(onThread(0x1c7, nil)); errno != unix.EMFILE {
		t.Errorf("third open: %v", errno)
	}
	k.Close(first)
	mustOpen(t, k, onThread(0x1c7, nil))
}

func TestSoftwareEventsAreLeftToTheRunningKernel(t *testing.T) {
	k, _ := play(nil)
	if e, errno := k.Open(Request{Attr: Attr{Type: unix.PERF_TYPE_SOFTWARE}, Thread: 10, CPU: -1}); e != nil || errno != 0 {
		t.Errorf("got %v, %v", e, errno)
	}
}

// TestGroupMustFit: a group with more general events than counters can never run, and Linux says so at once.
func TestGroupMustFit(t *testing.T) {
	k, _ := play(nil)
	lead := mustOpen(t, k, onThread(0xc0, nil))
	mustOpen(t, k, onThread(0x1c7, lead))
	mustOpen(t, k, onThread(0x2c7, lead))
	if _, errno := k.Open(onThread(0x4c7, lead)); errno != unix.EINVAL {
		t.Errorf("third general event on two counters: %v", errno)
	}
	if _, errno := k.Open(Request{Attr: Attr{Type: 4, Config: 0x1c7, Bits: userOnly}, Thread: 11, CPU: -1, Leader: lead}); errno != unix.EINVAL {
		t.Errorf("member for another thread: %v", errno)
	}
	k, _ = play(func(s *Scenario) { p := s.PMUs["cpu"]; p.Pair = []string{"0xc7"}; s.PMUs["cpu"] = p })
	lead = mustOpen(t, k, onThread(0x1c7, nil))
	if _, errno := k.Open(onThread(0x2c7, lead)); errno != unix.EINVAL {
		t.Errorf("two events of two counters each on two counters: %v", errno)
	}
	k, _ = play(func(s *Scenario) { p := s.PMUs["cpu"]; p.Held = []string{"0x3c"}; s.PMUs["cpu"] = p })
	lead = mustOpen(t, k, onThread(0x3c, nil))
	mustOpen(t, k, onThread(0x1c7, lead))
	if _, errno := k.Open(onThread(0x2c7, lead)); errno != unix.EINVAL {
		t.Errorf("the watchdog's counter was given away: %v", errno)
	}
}

func TestMultiplexingShowsAShareOfTheTruth(t *testing.T) {
	k, c := play(nil)
	var events []*Event
	for _, config := range []uint64{0x1c7, 0x2c7, 0x777} {
		e := mustOpen(t, k, onThread(config, nil))
		events = append(events, e)
	}
	for _, e := range events {
		control(t, k, e, unix.PERF_EVENT_IOC_ENABLE)
	}
	c.pass(3 * time.Second)
	got := reading(t, k, events[0])
	if got[0] != 4000*2/3 || got[1] != 3e9 || got[2] != 2e9 {
		t.Errorf("three events on two counters read %v", got)
	}
	if v := reading(t, k, events[2])[0]; v != 0 {
		t.Errorf("an event without a value read %d", v)
	}
}

func TestGroupRead(t *testing.T) {
	k, c := play(nil)
	r := onThread(0xc0, nil)
	r.Attr.ReadFormat = plain | unix.PERF_FORMAT_GROUP | unix.PERF_FORMAT_ID
	lead := mustOpen(t, k, r)
	r.Attr.Config, r.Leader = 0x4c7, lead
	r.Attr.Bits = unix.PerfBitExcludeKernel
	member := mustOpen(t, k, r)
	if got := reading(t, k, lead); got[1] != 0 || got[3] != 0 {
		t.Errorf("before enabling: %v", got)
	}
	if _, errno := k.Ioctl(lead, unix.PERF_EVENT_IOC_ENABLE, unix.PERF_IOC_FLAG_GROUP); errno != 0 {
		t.Fatal(errno)
	}
	c.pass(2 * time.Second)
	if _, errno := k.Ioctl(lead, unix.PERF_EVENT_IOC_DISABLE, unix.PERF_IOC_FLAG_GROUP); errno != 0 {
		t.Fatal(errno)
	}
	c.pass(time.Hour)
	want := []uint64{2, 2e9, 2e9, 1e6, uint64(lead.ID), 2000, uint64(member.ID)}
	for i, v := range reading(t, k, member) {
		if v != want[i] {
			t.Errorf("word %d is %d, want %d", i, v, want[i])
		}
	}
	if _, errno := k.Read(lead, 16); errno != unix.ENOSPC {
		t.Errorf("a buffer too small: %v", errno)
	}
}

func TestLiesTimesAndPlaces(t *testing.T) {
	half := 0.5
	k, c := play(func(s *Scenario) {
		s.Paranoid = -1
		s.Events[1].Factor = &half
		s.Events[2].Never = true
		s.Events[0].Enabled, s.Events[0].Running = 1000, 250
	})
	read := func(r Request) []uint64 {
		e := mustOpen(t, k, r)
		control(t, k, e, unix.PERF_EVENT_IOC_ENABLE)
		c.pass(time.Millisecond)
		return reading(t, k, e)
	}
	if got := read(onThread(0x1c7, nil)); got[0] != 2000 {
		t.Errorf("a counter that lies by half shows %v of 4000", got)
	}
	if got := read(onThread(0x2c7, nil)); got[0] != 0 || got[1] == 0 || got[2] != 0 {
		t.Errorf("an event that never runs shows %v", got)
	}
	if got := read(onThread(0xc0, nil)); got[0] != 250000 || got[1] != 1000 || got[2] != 250 {
		t.Errorf("fixed times show %v", got)
	}
	at := Request{Attr: Attr{Type: 17, Config: 0xf04}, Thread: -1, CPU: 2}
	if got := read(at); got[0] != 9 {
		t.Errorf("the second socket shows %v", got)
	}
}

// TestCoreTypes: a core type's PMU does not count a thread that is bound to the other type's CPUs.
func TestCoreTypes(t *testing.T) {
	k, c := play(nil)
	k.cpus["cpu"] = []int{0, 1}
	for _, test := range []struct {
		allowed []int
		counts  uint64
	}{{[]int{1}, 4000}, {[]int{2, 3}, 0}, {[]int{1, 2}, 4000}, {nil, 4000}} {
		k.Affinity = func(int) []int { return test.allowed }
		e := mustOpen(t, k, onThread(0x1c7, nil))
		control(t, k, e, unix.PERF_EVENT_IOC_ENABLE)
		c.pass(time.Millisecond)
		if got := reading(t, k, e); got[0] != test.counts || (got[2] == 0) != (test.counts == 0) {
			t.Errorf("bound to %v: %v", test.allowed, got)
		}
		k.Close(e)
	}
}

// stub counts executions as a test says.
type stub struct{ calls float64 }

func (s *stub) Open(int, bool, string) (CallCounter, error) { return s, nil }
func (s *stub) Count() float64                              { return s.calls }
func (s *stub) Close()                                      {}

func TestCountsPerCall(t *testing.T) {
	k, c := play(func(s *Scenario) {
		s.Events[1] = EventSpec{PMU: "cpu", Config: "0x1c7", PerCall: map[string]float64{"f": 8}}
	})
	calls := &stub{calls: 100}
	k.Calls = calls
	e := mustOpen(t, k, onThread(0x1c7, nil))
	for _, executions := range []float64{3, 2} {
		control(t, k, e, unix.PERF_EVENT_IOC_ENABLE)
		calls.calls += executions
		c.pass(time.Millisecond)
		control(t, k, e, unix.PERF_EVENT_IOC_DISABLE)
		calls.calls += 50 // not counted
	}
	if got := reading(t, k, e)[0]; got != 40 {
		t.Errorf("5 executions of 8 read %d", got)
	}
	control(t, k, e, unix.PERF_EVENT_IOC_RESET)
	if got := reading(t, k, e)[0]; got != 0 {
		t.Errorf("after a reset: %d", got)
	}
	k.Calls = nil
	if _, errno := k.Open(onThread(0x1c7, nil)); errno != unix.EOPNOTSUPP {
		t.Errorf("without a means to count executions: %v", errno)
	}
}

func TestParseCPUs(t *testing.T) {
	for text, want := range map[string]int{"0": 1, "0-3,8": 5, "": 0, "2-1": 0} {
		if got, err := ParseCPUs(text + "\n"); err != nil || len(got) != want || got == nil {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"a", "1-", "-1", "70000"} {
		if _, err := ParseCPUs(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestLoadRefusesNonsense(t *testing.T) {
	for _, s := range []Scenario{
		{Events: []EventSpec{{PMU: "cpu", Config: "0xzz"}}},
		{Errors: []ErrorSpec{{Errno: "EWHAT"}}},
		{Unknown: "ENOTHING"},
	} {
		if s.validate() == nil {
			t.Errorf("%+v was taken", s)
		}
	}
}
