package inject

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// Layout of an image: words shared by all threads, a page that a forked process finds empty, the code, the table of jump targets, the contexts.
const (
	page      = 4096
	nobodyAt  = 0x00 // what GS points to in threads that have no context yet: where a context names its thread it names none
	nextAt    = 0x00
	fullAt    = 0x08
	lostAt    = 0x10
	nestedAt  = 0x18
	awayAt    = 0x20
	awayToAt  = 0x28
	refusedAt = 0x30
	processAt = page
	codeAt    = 2 * page
	codeBytes = 16 << 20
	tableAt   = codeAt + codeBytes

	threads    = 256
	countersAt = rewrite.OffCounters // in a context; what stands before belongs to one process alone
	spanMost   = 1 << 24             // bytes of code that a table covers
)

// jumpBytes is what is written over the function's first bytes.
const jumpBytes = 5

// image is the copy of a function for one place in the program.
type image struct {
	base       uint64
	size       uint64
	contextsAt uint64
	stride     uint64
	code       []byte
	low        uint64
	entries    map[uint64]uint64 // table: copies by original address
	span       uint64
	gate       uint64
	calls      int // counter
	blocks     []*rewrite.Block
	returnAt   uint64
}

// span finds how much room an image takes at most.
func imageRoom() uint64 {
	return tableAt + 8*spanMost + threads*(rewrite.ContextSize+page)
}

// newImage makes the copy of a function at base.
func newImage(o *object, f symbol, base uint64, segments rewrite.Segments) (*image, error) {
	if f.size < jumpBytes {
		return nil, fmt.Errorf("instrument %s: its %d bytes are fewer than the jump that would be written over them", f.name, f.size)
	}
	g, err := blocks.Discover(f.addr, blocks.Options{Code: o.code, Outside: o.outside, ABI: blocks.AnyABI})
	if err != nil {
		return nil, err
	}
	targets := o.jumpTargets(g, f)
	for _, t := range targets {
		if _, err := g.Extend(t); err != nil {
			return nil, err
		}
	}
	first, err := head(o.code(f.addr), f)
	if err != nil {
		return nil, err
	}
	if err := o.refuse(g, f, size(first)); err != nil {
		return nil, err
	}
	if err := o.refuseUnwinding(g, f, len(targets) > 0); err != nil {
		return nil, err
	}
	im := &image{base: base, low: ^uint64(0), entries: map[uint64]uint64{}}
	high := uint64(0)
	for _, b := range g.Blocks {
		im.low, high = min(im.low, b.Addr), max(high, b.End())
	}
	if im.span = high - im.low; im.span > spanMost {
		return nil, fmt.Errorf("instrument %s: the code it calls spreads over %d MiB", f.name, im.span>>20)
	}
	im.contextsAt = (tableAt + 8*im.span + page - 1) &^ (page - 1)
	low, length := o.text(f.addr)
	r := rewrite.New(rewrite.Options{Mode: rewrite.Count, Base: base + codeAt, Limit: codeBytes, Detached: true, Lost: base + lostAt,
		Away: rewrite.Away{Count: base + awayAt, To: base + awayToAt, Low: low, High: low + length}})
	copied, err := r.Add(g)
	if err != nil {
		return nil, fmt.Errorf("instrument %s: %w", f.name, err)
	}
	for _, t := range targets {
		if im.entries[t-im.low], err = copied.Follow(t); err != nil {
			return nil, fmt.Errorf("instrument %s: %w", f.name, err)
		}
	}
	native, ok := r.Native(first, o.code(f.addr), f.addr+size(first))
	if !ok {
		return nil, fmt.Errorf("instrument %s: among the first %d bytes, where a jump to the copy goes, are instructions that cannot stand elsewhere, as threads beyond the first %d would need (count its caller)", f.name, size(first), threads)
	}
	counters := r.Counters() + 1 // and that of the calls
	im.stride = (rewrite.OffCounters + 8*uint64(counters) + page - 1) &^ (page - 1)
	d := rewrite.Detached{Next: base + nextAt, Process: base + processAt, Overflow: base + fullAt, Refused: base + refusedAt, Nested: base + nestedAt, Lost: base + lostAt, Contexts: base + im.contextsAt, Stride: int32(im.stride), Threads: threads, Segments: segments,
		Tiles: slices.ContainsFunc(r.Blocks, instrument.TilesMatter)}
	im.gate, im.calls = r.ThreadGate(copied, d, native)
	im.code, im.blocks, im.returnAt = r.Code(), r.Blocks, r.Return()
	if len(im.code) > codeBytes {
		return nil, &rewrite.SizeError{What: "code"}
	}
	im.size = im.contextsAt + threads*im.stride
	return im, nil
}

// refuse says why a function cannot be counted in a program.
func (o *object) refuse(g *blocks.Graph, f symbol, first uint64) error {
	if list := g.Refused(); len(list) > 0 {
		calls, cure := "", "count a function that it calls"
		if in := o.nameOf(list[0].PC); in != "" && in != f.name {
			calls = "it calls " + in + ": "
			if len(o.unwinding.imports) == 0 {
				cure += ", or link the program dynamically: the C library then runs as it is"
			}
		}
		return fmt.Errorf("instrument %s: %s%w (%s)", f.name, calls, list[0], cure)
	}
	for _, b := range g.Blocks {
		if last := b.Last(); last != nil && last.Control != decode.Next && last.Target-f.addr > 0 && last.Target-f.addr < first {
			return fmt.Errorf("instrument %s: something jumps to its byte %d, within the %d bytes that a jump would be written over", f.name, last.Target-f.addr, first)
		}
	}
	return nil
}

// head is the instructions that the jump is written over.
func head(code []byte, f symbol) (list []decode.Inst, err error) {
	for size(list) < jumpBytes {
		in, err := decode.Decode(code[size(list):], f.addr+size(list))
		if err != nil {
			return nil, fmt.Errorf("instrument %s: %w", f.name, err)
		}
		list = append(list, in)
	}
	if size(list) > f.size {
		return nil, fmt.Errorf("instrument %s: its %d bytes are fewer than the jump that would be written over them", f.name, f.size)
	}
	return list, nil
}

// size is how many bytes instructions take.
func size(list []decode.Inst) (n uint64) {
	for i := range list {
		n += uint64(list[i].Len)
	}
	return n
}

// fill writes the image into zero memory of its size: code, table, and the constants of every context.
func (im *image) fill(mem []byte) {
	put := func(at, v uint64) { binary.LittleEndian.PutUint64(mem[at:], v) }
	copy(mem[codeAt:], im.code)
	put(nobodyAt+rewrite.OffThread, ^uint64(0)) // FS is 0 in a program without a C library, and before that begins
	for off, copy := range im.entries {
		put(tableAt+8*off, copy)
	}
	for t := range uint64(threads) {
		c := im.contextsAt + t*im.stride
		put(c+rewrite.OffSelf, im.base+c)
		put(c+rewrite.OffReturn, im.returnAt)
		put(c+rewrite.OffMXCSR, 0x1f80)
		put(c+rewrite.OffTable, im.base+tableAt)
		put(c+rewrite.OffTableLow, im.low)
		put(c+rewrite.OffTableSpan, im.span)
	}
}

// jump is what is written over the function's first bytes.
func (im *image) jump(f symbol) [jumpBytes]byte {
	j := [jumpBytes]byte{0xe9}
	binary.LittleEndian.PutUint32(j[1:], uint32(int32(int64(im.gate)-int64(f.addr)-jumpBytes)))
	return j
}

// counts is what is read of an image at the end.
type counts struct {
	overflow uint64
	refused  uint64
	nested   uint64
	away     uint64
	awayTo   uint64 // code that the last of those was
	lost     uint64
	calls    uint64
	tiles    uint64 // blocks executed with tiles of a size that is not known
	profile  *instrument.Profile
	perCalls []uint64 // calls by thread
}

// read reads the counters.
func (im *image) read(mem []byte, o *object) counts {
	word := func(at uint64) uint64 { return binary.LittleEndian.Uint64(mem[at:]) }
	c := counts{overflow: word(fullAt), refused: word(refusedAt), lost: word(lostAt), nested: word(nestedAt), away: word(awayAt), awayTo: word(awayToAt)}
	sum := make([]uint64, (im.stride-rewrite.OffCounters)/8)
	if c.refused > 0 { // each of those took a context in vain, until none was left
		c.refused, c.overflow = c.refused+c.overflow, 0
	}
	for t := range min(word(nextAt), threads) {
		at := im.contextsAt + t*im.stride + rewrite.OffCounters
		calls := word(at + 8*uint64(im.calls))
		if calls == 0 { // taken, but its thread was refused
			continue
		}
		for i := range sum {
			sum[i] += word(at + 8*uint64(i))
		}
		c.perCalls = append(c.perCalls, calls)
	}
	c.calls = sum[im.calls]
	c.profile = instrument.ProfileOf(im.blocks, sum, o.nameOf, func(b *rewrite.Block, n *instrument.BlockCount) {
		if instrument.TilesMatter(b) {
			for t := range min(word(nextAt), threads) {
				c.tiles += addTiles(mem[im.contextsAt+t*im.stride:], b, n)
			}
		}
	})
	return c
}

// addTiles adds how often a thread, whose context is given, has executed a block with the tiles that it has configured. It returns
// how often that was, if their sizes are not known: it has configured none that was seen, or several.
func addTiles(context []byte, b *rewrite.Block, n *instrument.BlockCount) (unknown uint64) {
	word := func(at int) uint64 { return binary.LittleEndian.Uint64(context[at:]) }
	executions := word(rewrite.OffCounters + 8*b.Counter)
	if executions == 0 {
		return 0
	}
	config := instrument.TileConfig(context[rewrite.OffCounters:][:64])
	if config[0] == 0 || word(rewrite.OffCounters+8*(rewrite.TileCounters-1)) != 0 {
		return executions
	}
	n.Tiles = append(n.Tiles, instrument.TileCount{Config: config, Executions: executions})
	return 0
}
