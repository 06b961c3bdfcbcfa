package main

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"os"
	"slices"

	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/decode/objdump"
)

// sample collects one encoding of each kind, with objdump's answer: the tests' stored truth.
type sample struct {
	seen  map[sampleKey]bool
	lines []sampleLine
}

// sampleKey tells kinds of encodings apart.
type sampleKey struct {
	mnemonic   decode.Mnemonic
	enc        decode.Encoding
	mapNo, op  uint8
	vl, opSize uint8
	memory     bool
	scaledDisp bool
	decoration uint8 // what EVEX adds: nothing, a mask, zeroing, broadcast, rounding
}

type sampleLine struct {
	addr uint64
	code string
	text string
}

func newSample() *sample { return &sample{seen: map[sampleKey]bool{}} }

func (s *sample) add(l objdump.Line, in *decode.Inst) {
	k := sampleKey{mnemonic: in.Mnemonic, enc: in.Enc, mapNo: in.Map, op: in.Op, vl: in.VL, opSize: in.OpSize,
		memory: in.HasMem, scaledDisp: in.Enc == decode.EVEX && in.DispSize == 1, decoration: decoration(in)}
	if s.seen[k] {
		return
	}
	s.seen[k] = true
	s.lines = append(s.lines, sampleLine{addr: l.Addr, code: string(l.Code), text: l.Text})
}

func decoration(in *decode.Inst) uint8 {
	switch {
	case in.Mem.Broadcast:
		return 4
	case in.Attr&decode.Rounding != 0:
		return 3
	case in.Zeroing:
		return 2
	case in.Mask != 0:
		return 1
	}
	return 0
}

// write stores the sample: lines of bytes in hex, address in hex, and objdump's text, separated by tabs.
func (s *sample) write(name string) error {
	slices.SortFunc(s.lines, func(a, b sampleLine) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.addr, b.addr))
	})
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write sample: %w", err)
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("write sample: %w", err)
	}
	for _, l := range s.lines {
		if _, err := fmt.Fprintf(z, "%x\t%x\t%s\n", l.code, l.addr, l.text); err != nil {
			return fmt.Errorf("write sample: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write sample: %w", err)
	}
	return f.Close()
}
