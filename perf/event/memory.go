package event

import (
	"fmt"
	"strings"
	"sync"
)

// memory keeps what this process has found out about the kernel's PMUs, so that it is found out once. Only what is certain is
// kept: that a set could be opened and ran, whether an event counts known work, what an empty period costs. A refusal may pass.
type memory struct {
	mu    sync.Mutex
	fits  map[string]uint64   // by set: the exclude bits with which it was opened and ran
	lives map[code]bool       // whether an event counted anything while known work ran, or ever
	costs map[string]Snapshot // by pass: what an empty period of it counts
}

// remembered is the memory of the running kernel.
var remembered = newMemory()

func newMemory() *memory {
	return &memory{fits: map[string]uint64{}, lives: map[code]bool{}, costs: map[string]Snapshot{}}
}

// code is what the kernel knows of an event: its PMU and what is counted there.
type code struct {
	pmu                      uint32
	config, config1, config2 uint64
}

func (e Event) code() code { return code{e.Type, e.Config, e.Config1, e.Config2} }

// key names a set by its events' codes.
func (s *Set) key() string {
	var b strings.Builder
	for _, e := range s.Events {
		fmt.Fprintf(&b, "%x ", e.code())
	}
	return b.String()
}

func (m *memory) fit(s *Set) (bits uint64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	bits, ok = m.fits[s.key()]
	return bits, ok
}

func (m *memory) keepFit(s *Set, bits uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fits[s.key()] = bits
}

// live says whether an event is known to count, or known not to.
func (m *memory) live(e Event) (lives, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lives, known = m.lives[e.code()]
	return lives, known
}

// keepLife notes whether an event counted. One that did once is never called dead again.
func (m *memory) keepLife(e Event, lives bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lives[e.code()] = m.lives[e.code()] || lives
}

// cost returns what an empty period of the pass counts, measured the first time.
func (m *memory) cost(p *Pass, measure func() (Snapshot, error)) (Snapshot, error) {
	var b strings.Builder
	for i := range p.Sets {
		b.WriteString(p.Sets[i].key() + "| ")
	}
	m.mu.Lock()
	s, ok := m.costs[b.String()]
	m.mu.Unlock()
	if ok {
		return s, nil
	}
	s, err := measure()
	if err == nil {
		m.mu.Lock()
		m.costs[b.String()] = s
		m.mu.Unlock()
	}
	return s, err
}
