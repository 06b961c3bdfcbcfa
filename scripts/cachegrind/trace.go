package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"

	"github.com/roofline-go/roofline/cache/sim"
)

// machine is our simulator as cachegrind sees a machine: core 0 has the data, core 1 the instructions, fetched as
// prefetches so that they are counted apart; both share the last level, which is filled on the way in. Write-backs change
// no order there and cachegrind has none.
type machine struct {
	*sim.System
	references uint64
}

func newMachine(g geometry) (*machine, error) {
	s, err := sim.New(sim.Config{Cores: 2, Levels: []sim.Level{
		{Bytes: int64(g.d1Bytes), Ways: g.d1Ways, Cores: 1},
		{Bytes: int64(g.llBytes), Ways: g.llWays},
	}})
	return &machine{System: s}, err
}

// access issues one entry of lackey's trace.
func (m *machine) access(kind byte, addr uint64, size int) {
	if kind != 'I' {
		m.references++
	}
	switch data := m.Core(0); kind {
	case 'I':
		m.Core(1).Prefetch(addr, 1)
		if end := addr + uint64(size) - 1; end/64 != addr/64 {
			m.Core(1).Prefetch(end, 1)
		}
	case 'L':
		data.Load(addr, size)
	case 'S':
		data.Store(addr, size)
	case 'M': // a load and a store by one instruction
		data.Load(addr, size)
		data.Store(addr, size)
	}
}

func (m *machine) counts() counts {
	levels := m.Summary().Levels
	return counts{m.references, levels[0].Total.Misses, levels[1].Total.Misses}
}

// simulate runs the program under lackey and its trace through a simulator of each geometry.
func simulate(ctx context.Context, dir, binary string, n int) ([]counts, error) {
	var machines []*machine
	for _, g := range geometries {
		m, err := newMachine(g)
		if err != nil {
			return nil, err
		}
		machines = append(machines, m)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "valgrind", "--tool=lackey", "--trace-mem=yes", "--log-fd=3", binary, strconv.Itoa(n))
	cmd.ExtraFiles = []*os.File{write}
	err = cmd.Start()
	write.Close()
	if err != nil {
		read.Close()
		return nil, err
	}
	perr := parseTrace(read, func(kind byte, addr uint64, size int) {
		for _, m := range machines {
			m.access(kind, addr, size)
		}
	})
	_ = read.Close() // where the trace was not understood nobody reads on: valgrind must not wait for it
	if err := cmd.Wait(); err != nil && perr == nil {
		return nil, fmt.Errorf("valgrind --tool=lackey: %w", err)
	}
	if perr != nil {
		return nil, perr
	}
	var all []counts
	for _, m := range machines {
		all = append(all, m.counts())
	}
	return all, nil
}

// parseTrace reads lackey's trace: lines such as "I  04001000,3" and " L 1ffeffe7e,8". Lines of other forms are valgrind's
// own and begin with "==".
func parseTrace(r io.Reader, access func(kind byte, addr uint64, size int)) error {
	s := bufio.NewScanner(r)
	for s.Scan() {
		line := s.Bytes()
		if len(line) == 0 || bytes.HasPrefix(line, []byte("==")) {
			continue
		}
		fields := bytes.Fields(line)
		if len(fields) != 2 || len(fields[0]) != 1 {
			return fmt.Errorf("read trace: %q is no access", line)
		}
		addr, size, ok := bytes.Cut(fields[1], []byte(","))
		a, err1 := strconv.ParseUint(string(addr), 16, 64)
		n, err2 := strconv.ParseUint(string(size), 10, 16)
		if !ok || err1 != nil || err2 != nil || !bytes.Contains([]byte("ILSM"), fields[0]) {
			return fmt.Errorf("read trace: %q is no access", line)
		}
		access(fields[0][0], a, int(n))
	}
	return s.Err()
}
