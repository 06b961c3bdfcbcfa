package event

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	perfutils "github.com/hodgesds/perf-utils"
	"golang.org/x/sys/unix"
)

// OSCounters watches what the operating system does to one OS thread. Start and Stop allocate nothing and cost about a
// microsecond each. Open, Start, Stop and Close belong on the same, locked thread.
type OSCounters struct {
	group *Group // nil: not permitted, why says so
	why   error
	start snapshot
	now   snapshot

	startErr error // of the reading at the start
}

// OSDelta is what happened to the thread between Start and Stop. Not counted is NotCounted, never 0.
type OSDelta struct {
	ContextSwitches int64 // all, voluntary ones too
	Involuntary     int64 // of these: the thread was ready to run on
	Migrations      int64 // to another CPU
	PageFaults      int64 // minor and major
}

// NotCounted stands in an OSDelta for what could not be counted.
const NotCounted = -1

type snapshot struct {
	perf  Reading
	usage unix.Rusage
}

// The software events, in the order of the group.
const (
	switches = iota
	migrations
	softwareEvents
)

// OpenOS starts to watch the calling OS thread. Context switches and migrations come from the kernel's software events
// where these are permitted, page faults and involuntary switches from getrusage, which always is. Without permission
// the switches come from getrusage too and migrations are not counted.
//
// Switches and migrations happen in the kernel: with exclude_kernel set these events can be opened by anyone, and
// count nothing. So they are opened without it, which needs perf_event_paranoid ≤ 1 or CAP_PERFMON.
func OpenOS() (*OSCounters, error) { return openOS(linux{}) }

func openOS(sys kernel) (*OSCounters, error) {
	c := new(OSCounters)
	c.group, c.why = open(sys, only(perfutils.ContextSwitchesEventAttr()), only(perfutils.CPUMigrationsEventAttr()))
	if c.group != nil {
		if err := c.group.Enable(); err != nil {
			c.drop(err)
		}
	}
	c.readGroup(&c.start)
	if err := c.start.take(); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("watch the operating system's events: %w", err)
	}
	c.now.perf.Values = make([]uint64, 0, softwareEvents)
	return c, nil
}

// drop goes on without software events.
func (c *OSCounters) drop(err error) {
	_ = c.group.Close()
	c.group, c.why = nil, err
}

// readGroup reads the group into s, or drops it where it cannot be read.
func (c *OSCounters) readGroup(s *snapshot) {
	if c.group != nil {
		if err := c.group.Read(&s.perf); err != nil {
			c.drop(err)
		}
	}
}

// Start begins a period. A failure to read shows up in Stop as not counted.
//
// The group is read first here and last in Stop: its period has getrusage's within, so that a thread which is preempted
// between the two readings never has more involuntary switches than switches.
func (c *OSCounters) Start() {
	c.readGroup(&c.start)
	c.startErr = c.start.take()
}

// take reads what getrusage gives, which needs no permission.
func (s *snapshot) take() error { return unix.Getrusage(unix.RUSAGE_THREAD, &s.usage) }

// Stop ends the period and returns what happened in it. The next period may begin with another Start.
func (c *OSCounters) Stop() OSDelta {
	err := errors.Join(c.startErr, c.now.take())
	c.readGroup(&c.now)
	if err != nil {
		return OSDelta{NotCounted, NotCounted, NotCounted, NotCounted}
	}
	from, to := &c.start, &c.now
	involuntary := to.usage.Nivcsw - from.usage.Nivcsw
	d := OSDelta{
		ContextSwitches: to.usage.Nvcsw - from.usage.Nvcsw + involuntary,
		Involuntary:     involuntary,
		Migrations:      NotCounted,
		PageFaults:      to.usage.Minflt - from.usage.Minflt + to.usage.Majflt - from.usage.Majflt,
	}
	if c.group != nil {
		d.ContextSwitches = int64(to.perf.Values[switches] - from.perf.Values[switches])
		d.Migrations = int64(to.perf.Values[migrations] - from.perf.Values[migrations])
	}
	return d
}

// WhyNoMigrations says why migrations are not counted; "" if they are.
func (c *OSCounters) WhyNoMigrations() string {
	if c.group != nil {
		return ""
	}
	level, known := probe{root: os.DirFS("/")}.paranoid()
	if known && level > 1 && errors.Is(c.why, syscall.EACCES) {
		return fmt.Sprintf("kernel.perf_event_paranoid is %d, which keeps unprivileged users from the kernel's software events", level)
	}
	return fmt.Sprint("the kernel's software events are not available: ", c.why)
}

// SoftwareCure is what makes the kernel's software events available to an unprivileged user.
const SoftwareCure = "sudo sysctl kernel.perf_event_paranoid=1"

// Close ends the watch.
func (c *OSCounters) Close() error {
	if c.group == nil {
		return nil
	}
	return c.group.Close()
}
