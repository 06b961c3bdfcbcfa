package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/roofline-go/roofline/perf/instrument/decode/objdump"
)

// slotSize is the room of one encoding: the longest instruction and a byte after it.
const slotSize = 16

// checkOpcodes writes every opcode of every map, with all prefixes that select one, in several operand forms, lets objdump
// read them as a flat binary, and compares the first instruction of every slot.
func checkOpcodes(ctx context.Context, r *report) error {
	dir, err := os.MkdirTemp("", "opcodes")
	if err != nil {
		return fmt.Errorf("make temporary directory: %w", err)
	}
	defer os.RemoveAll(dir)
	for _, part := range []struct {
		name  string
		slots func(emit func(...byte))
	}{{"legacy", legacySlots}, {"VEX", vexSlots}, {"EVEX", evexSlots}} {
		code := layOut(part.slots)
		file := filepath.Join(dir, part.name)
		if err := os.WriteFile(file, code, 0o600); err != nil {
			return fmt.Errorf("write opcodes: %w", err)
		}
		err := disassemble(ctx, func(l objdump.Line) {
			if l.Addr%slotSize != 0 {
				return
			}
			res := objdump.CompareSlot(l, code[l.Addr:l.Addr+slotSize])
			r.add(l, &res)
		}, "-D", "-b", "binary", "-m", "i386:x86-64", file)
		if err != nil {
			return err
		}
		r.fileDone(os.Stdout, "opcodes "+part.name)
	}
	return nil
}

// layOut puts each encoding at the start of its slot, nops behind it.
func layOut(slots func(emit func(...byte))) (code []byte) {
	slots(func(b ...byte) {
		code = append(code, b...)
		for len(code)%slotSize != 0 {
			code = append(code, 0x90)
		}
	})
	return code
}

// tails are operand forms, without ModRM.reg: register; base; base, index and disp8; disp32; absolute; RIP-relative.
var tails = [][]byte{{0xc1}, {0x01}, {0x44, 0x59, 0x10}, {0x80, 1, 2, 3, 0}, {0x04, 0x25, 1, 2, 3, 0}, {0x05, 1, 2, 3, 0}}

func legacySlots(emit func(...byte)) {
	prefixes := [][]byte{{}, {0x66}, {0xf2}, {0xf3}, {0x48}, {0x66, 0x48}, {0xf3, 0x48}, {0xf2, 0x48}, {0x47}, {0x66, 0xf2}, {0x66, 0xf3}, {0x67}, {0x64}}
	escapes := [][]byte{{}, {0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}}
	for m, escape := range escapes {
		for op := range 256 {
			if m == 0 && (op == 0x0f || op == 0x62 || op == 0xc4 || op == 0xc5 || op == 0x9b || isPrefix(byte(op))) || m == 1 && (op == 0x38 || op == 0x3a) {
				continue
			}
			for _, prefix := range prefixes {
				for reg := byte(0); reg < 8; reg++ {
					for _, tail := range tails {
						b := append(append(append([]byte{}, prefix...), escape...), byte(op), tail[0]|reg<<3)
						emit(append(b, tail[1:]...)...)
					}
					if m == 1 && (op == 0x01 || op == 0xae) || m == 0 && op >= 0xd8 && op <= 0xdf { // every register form is its own
						for rm := byte(0); rm < 8; rm++ {
							emit(append(append(append([]byte{}, prefix...), escape...), byte(op), 0xc0|reg<<3|rm)...)
						}
					}
				}
			}
		}
	}
}

func isPrefix(c byte) bool {
	switch c {
	case 0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0xd5:
		return true
	}
	return c&0xf0 == 0x40
}

func vexSlots(emit func(...byte)) {
	for _, m := range []byte{1, 2, 3} {
		for op := range 256 {
			for sel := range byte(16) { // pp, L, W
				pp, ll, w := sel&3, sel>>2&1, sel>>3&1
				for reg := byte(0); reg < 8; reg++ {
					for _, v := range []byte{0x78, 0x70} { // vvvv 15 (none) and 14
						p := w<<7 | v | ll<<2 | pp
						emit(0xc4, 0xe0|m, p, byte(op), 0xc1|reg<<3, 0x50)
						emit(0xc4, 0xe0|m, p, byte(op), 0x44|reg<<3, 0x59, 0xfe)
						emit(0xc4, 0x40|m, p, byte(op), 0xc1|reg<<3, 0x50)       // R, B extended
						emit(0xc4, 0x80|m, p, byte(op), 0x44|reg<<3, 0x59, 0x10) // X, B extended
						if m == 1 && w == 0 {
							emit(0xc5, 0x80|v|ll<<2|pp, byte(op), 0x44|reg<<3, 0x59, 0xfe)
						}
					}
				}
			}
		}
	}
}

func evexSlots(emit func(...byte)) {
	for _, m := range []byte{1, 2, 3, 5, 6} {
		for op := range 256 {
			for sel := range byte(32) { // pp, L, W; L 3 is only a rounding mode
				pp, ll, w := sel&3, sel>>2&3, sel>>4
				for reg := byte(0); reg < 8; reg++ {
					if reg > 1 && !(m == 1 && op >= 0x71 && op <= 0x73) {
						break
					}
					for _, v := range []byte{0x7c, 0x74} { // vvvv 15 (none) and 14
						p1 := w<<7 | v | pp
						for _, p2 := range []byte{0x08, 0x09, 0x89, 0x18, 0x19} { // plain, masked, zeroed, b, b masked
							p2 |= ll << 5
							emit(0x62, 0xf0|m, p1, p2, byte(op), 0xc1|reg<<3, 0x50)
							emit(0x62, 0xf0|m, p1, p2, byte(op), 0x44|reg<<3, 0x59, 0xfe)
							emit(0x62, 0xf0|m, p1, p2, byte(op), 0x80|reg<<3, 1, 2, 3, 0)
						}
						emit(0x62, 0x20|m, p1, ll<<5|0x08, byte(op), 0xc1|reg<<3, 0x50) // register numbers above 15
						emit(0x62, 0xf0|m, p1, ll<<5|0x01, byte(op), 0x44|reg<<3, 0x59, 0x01)
					}
				}
			}
		}
	}
}
