package known

import (
	"fmt"
	"math"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/perf"
)

// stream is a walk through memory: load, store, update (load, add, store) or past (stores past the caches).
type stream struct {
	code
	op    string
	width int // bytes of one access
	isa   cpu.ISA
	run   func(p *byte, n, passes int)
}

// flushed is a walk that flushes what lies behind it.
type flushed struct {
	code
	op  string
	run func(p, behind *byte, n int)
}

// chain follows pointers.
type chain struct {
	code
	run func(at *byte, n int) *byte
}

const (
	block    = 256     // bytes of an iteration
	line     = 64      // bytes
	callMost = 1 << 20 // bytes of one call of assembly on L3 or memory, so that it ends within a millisecond
	callFast = 8 << 20 // the same on L1 and L2
	piece    = 1 << 20 // bytes of one call of a kernel of the DRAM
	enough   = 150_000 // instructions of a call, against which those of the Go code around it are less than 0.1 %
	between2 = 2 * line
	hops     = 1000 * perIter // of a call of a chain
	flushHop = 100 * perIter
)

var opAbout = map[string]string{
	"load": "loads", "store": "stores", "update": "loads, additions and stores", "past": "stores past the caches",
}

// streamKernels makes the walks through the buffers of the homes.
func (s *Set) streamKernels(homes []home) {
	for _, h := range homes {
		for _, c := range streams {
			if !c.at(h.level) {
				continue
			}
			name := fmt.Sprintf("%s.%d.%s", c.op, c.width, h.level)
			if err := cpu.Usable(c.isa); err != nil {
				s.leave(name, err.Error())
				continue
			}
			k := &Kernel{
				Name: name, About: fmt.Sprintf("%s of %d bytes from %s", opAbout[c.op], c.width, h.level), ISA: c.isa, Home: h.level,
				Quick: c.op == "update" && c.width == 16 && (h.level == "L2" || h.level == "L3"),
			}
			if h.level == memory {
				k.work = c.total(1, piece/block)
				k.run = s.around(func(at, _ *byte) { c.run(at, piece, 1) })
				k.expectWork(1)
				k.expectTraffic(c.op, h, piece, 1-float64(h.inner)/float64(len(s.ring)))
			} else {
				touched, calls := k.overBuffer(c, s.buffer(h.bytes), h.level)
				k.expectWork(calls)
				k.expectTraffic(c.op, h, touched, 1)
			}
			s.add(k)
		}
	}
}

// at says whether there is a kernel of c at a level: every width once, stores past the caches where they go to, and those of
// 16 bytes everywhere.
func (c stream) at(level string) bool {
	if c.op == "past" {
		return level == memory
	}
	return c.width == 16 || level == "L1"
}

// overBuffer makes k walk through the whole of a buffer, often enough to be long, and returns the bytes that a call touches and
// how often it calls assembly.
func (k *Kernel) overBuffer(c stream, mem []byte, level string) (touched float64, calls int) {
	perPass := c.pass.plus(c.iter.times(float64(len(mem) / block))).Instructions
	passes := int(math.Ceil(enough / perPass))
	most := callMost
	if level == "L1" || level == "L2" {
		most = callFast
	}
	if len(mem)*passes <= most {
		k.work = c.total(passes, len(mem)/block)
		k.run = func() { c.run(&mem[0], len(mem), passes) }
		return float64(passes * len(mem)), 1
	}
	for m := len(mem); m > 0; m -= callMost {
		k.work = k.work.plus(c.total(1, min(m, callMost)/block))
		calls += passes
	}
	k.work = k.work.times(float64(passes))
	k.run = func() {
		for range passes {
			for at := 0; at < len(mem); at += callMost {
				c.run(&mem[at], min(len(mem)-at, callMost), 1)
			}
		}
	}
	return float64(passes * len(mem)), calls
}

// expectTraffic fills in what the levels move when s bytes are touched that the home serves: docs/traffic.md has the
// definitions. Each line that a level serves moves inwards once, and each dirty one outwards. A victim cache (L3 of many
// processors) takes in clean lines too: bytes.L3 of loads is then up to twice the lines. missing is the least share of lines
// that a cyclic walk does not find in the last cache, however that chooses what to keep.
func (k *Kernel) expectTraffic(op string, h home, s, missing float64) {
	lines := s / line
	inwards, outwards := s, 0.0
	switch op {
	case "update":
		outwards = s
	case "store": // read for ownership, unless the core sees that whole lines are written
		inwards, outwards = s, s
	case "past":
		k.expected[perf.BytesL2], k.expected[perf.BytesL3] = near(0, s), near(0, s)
		k.expected[perf.BytesDRAM], k.expected[perf.BytesDRAMWrite], k.expected[perf.BytesDRAMRead] = exactly(s), exactly(s), near(0, s)
		return
	}
	least := inwards + outwards
	if op == "store" && h.level == memory {
		least = outwards
	}
	none := func(qs ...perf.Quantity) {
		for _, q := range qs {
			k.expected[q] = near(0, s)
		}
	}
	few := func(q perf.Quantity) { k.expected[q] = near(0, lines) }
	atMost := func(q perf.Quantity) { k.expected[q] = between(0, lines) } // prefetched lines may count or not
	switch h.level {
	case "L1":
		none(perf.BytesL2, perf.BytesL3)
		few(perf.MissesL1)
		few(perf.MissesL2)
	case "L2":
		k.expected[perf.BytesL2] = between(least, inwards+outwards)
		none(perf.BytesL3)
		atMost(perf.MissesL1)
		few(perf.MissesL2)
	case "L3":
		k.expected[perf.BytesL2] = between(least, inwards+outwards)
		k.expected[perf.BytesL3] = between(least, 2*s)
		atMost(perf.MissesL1)
		atMost(perf.MissesL2)
	case memory:
		k.expected[perf.BytesL2] = between(least, inwards+outwards)
		k.expected[perf.BytesL3] = between(least, 2*s)
		k.expected[perf.BytesDRAM] = between(least*missing, inwards+outwards)
		k.expected[perf.BytesDRAMRead] = between((least-outwards)*missing, inwards)
		k.expected[perf.BytesDRAMWrite] = Expect{outwards * missing, outwards, s}
	}
}

// flushKernels makes the kernels that send every line back to memory behind them.
func (s *Set) flushKernels() {
	for _, c := range flushes {
		k := &Kernel{
			Name: "flush." + c.op, About: opAbout[c.op] + " from memory, lines flushed behind them", ISA: cpu.Go, Home: memory,
			Quick: c.op == "update", Flushes: true, work: c.total(1, flushCall/block).times(piece / flushCall),
			run: s.around(func(at, before *byte) {
				for n := 0; n < piece; n += flushCall {
					c.run(offset(at, n), offset(before, n), flushCall)
				}
			}),
		}
		k.expectWork(piece / flushCall)
		for _, q := range []perf.Quantity{perf.Loads, perf.Stores} { // whether a flush counts as either is the processor's secret
			delete(k.expected, q)
		}
		k.expectTraffic(c.op, home{level: memory}, piece, 1)
		s.add(k)
	}
}

// flushCall is how much one call of assembly reads and flushes: a flush takes some hundred cycles.
const flushCall = 128 << 10

// chainKernels makes the pointer chases. Of every two lines one is used, so that what a prefetcher of neighbours brings in is
// never asked for: each hop is a miss of every level inside the home. A counter that counts prefetches too may see two.
func (s *Set) chainKernels(homes []home) {
	if chase.run == nil {
		return
	}
	for _, h := range homes {
		if h.level == "L2" || h.level == "L3" {
			s.add(s.chainKernel("chase."+h.level, "a chain of pointers in "+h.level, h, chase, hops))
		}
	}
	if flushChase.run != nil {
		k := s.chainKernel("flush.chase", "a chain of pointers in memory, lines flushed behind it", home{level: memory, bytes: 16 << 20}, flushChase, flushHop)
		k.Flushes = true
		s.add(k)
	}
}

func (s *Set) chainKernel(name, about string, h home, c chain, n int) *Kernel {
	at := tie(s.separate(h.bytes), between2)
	k := &Kernel{
		Name: name, About: about, ISA: cpu.Go, Home: h.level, Quick: true, work: c.total(1, n/perIter),
		run: func() { at = c.run(at, n/perIter) },
	}
	m := float64(n)
	k.expected = map[perf.Quantity]Expect{perf.FLOPs: near(0, m), perf.MissesL1: exactly(m)}
	switch h.level {
	case "L2":
		k.expected[perf.MissesL2] = near(0, m)
	case memory:
		k.expected[perf.MissesL3] = between(m, 2*m)
		fallthrough
	default:
		k.expected[perf.MissesL2] = between(m, 2*m)
	}
	return k
}
