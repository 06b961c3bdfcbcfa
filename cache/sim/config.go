package sim

import (
	"fmt"
	"math/bits"

	"github.com/roofline-go/roofline/internal/units"
)

// Config describes a machine's data caches.
type Config struct {
	Line       int        `json:"line"`   // bytes of a line in every level, a power of two; 0: 64
	Cores      int        `json:"cores"`  // cores that issue accesses; 0: 1
	Levels     []Level    `json:"levels"` // innermost first
	Prefetcher Prefetcher `json:"prefetcher"`
	Classify   bool       `json:"classify"`              // tell conflict from capacity and compulsory misses; costs time and memory
	ClassifyTo int        `json:"classify_to,omitempty"` // with Classify: only in levels up to this one; 0: in all
}

// Level is one level of the hierarchy.
type Level struct {
	Level  int    `json:"level"`  // its name is L1, L2, …; 0: its place in the list
	Bytes  int64  `json:"bytes"`  // capacity of one instance
	Ways   int    `json:"ways"`   // 0: fully associative
	Cores  int    `json:"cores"`  // neighbouring cores that share one instance; 0: all
	Policy Policy `json:"policy"` // of replacement
	Fill   Fill   `json:"fill"`   // relation to the levels inside
	Index  Index  `json:"index"`  // how a line finds its set
}

// Name returns L1, L2, ….
func (l Level) Name() string { return fmt.Sprintf("L%d", l.Level) }

// String describes the level in one line, e.g. "L2 1.0 MiB, 8 ways, LRU, inclusive".
func (l Level) String() string {
	ways := fmt.Sprintf("%d ways", l.Ways)
	if l.Ways == 0 {
		ways = "fully associative"
	}
	text := fmt.Sprintf("%s %s, %s, %s", l.Name(), units.Bytes(l.Bytes), ways, l.Policy)
	if l.Level > 1 {
		text += ", " + l.Fill.String()
	}
	if l.Index == Hashed {
		text += ", hashed sets"
	}
	return text
}

// normal fills in what may be left out and checks the rest.
func (c Config) normal() (Config, error) {
	if c.Line == 0 {
		c.Line = 64
	}
	if c.Cores == 0 {
		c.Cores = 1
	}
	if c.Line < 8 || c.Line > 4096 || bits.OnesCount(uint(c.Line)) != 1 {
		return c, fmt.Errorf("simulate lines of %d B: a power of two from 8 to 4096 is needed", c.Line)
	}
	if c.Cores < 1 || len(c.Levels) == 0 {
		return c, fmt.Errorf("simulate %d cores with %d cache levels: at least one of both is needed", c.Cores, len(c.Levels))
	}
	levels := make([]Level, len(c.Levels))
	inner := Level{Cores: 1}
	exclusive := false
	for i, l := range c.Levels {
		if l.Level == 0 {
			l.Level = i + 1
		}
		if l.Cores == 0 || l.Cores > c.Cores {
			l.Cores = c.Cores
		}
		if err := l.check(c.Line); err != nil {
			return c, fmt.Errorf("simulate %s: %w", l.Name(), err)
		}
		switch {
		case i == 0 && l.Fill != NonInclusive:
			return c, fmt.Errorf("simulate %s: the innermost level cannot be %s: nothing is inside", l.Name(), l.Fill)
		case l.Fill == Inclusive && exclusive:
			return c, fmt.Errorf("simulate %s: it cannot be inclusive of a victim level", l.Name())
		case l.Level <= inner.Level:
			return c, fmt.Errorf("simulate %s: it stands outside L%d", l.Name(), inner.Level)
		case l.Cores%inner.Cores != 0 && l.Cores != c.Cores:
			return c, fmt.Errorf("simulate %s: shared by %d cores, the level inside by %d", l.Name(), l.Cores, inner.Cores)
		}
		levels[i], inner = l, l
		exclusive = exclusive || l.Fill == Victim
	}
	c.Levels = levels
	c.Prefetcher = c.Prefetcher.normal()
	return c, nil
}

func (l Level) check(line int) error {
	lines := l.Bytes / int64(line)
	switch {
	case l.Bytes < int64(line) || l.Bytes%int64(line) != 0:
		return fmt.Errorf("%d B is not a number of lines of %d B", l.Bytes, line)
	case l.Ways < 0 || int64(l.Ways) > lines || l.Ways > 0 && lines%int64(l.Ways) != 0:
		return fmt.Errorf("%d lines cannot stand in sets of %d ways", lines, l.Ways)
	case lines > 1<<31:
		return fmt.Errorf("%s is more than this simulator holds", units.Bytes(l.Bytes))
	case l.Fill > Victim || l.Index > Hashed:
		return fmt.Errorf("fill %d or index %d is unknown", l.Fill, l.Index)
	}
	return l.Policy.check(int(l.ways(line)))
}

func (l Level) ways(line int) int64 {
	if l.Ways == 0 {
		return l.Bytes / int64(line)
	}
	return int64(l.Ways)
}
