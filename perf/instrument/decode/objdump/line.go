// Package objdump reads what GNU objdump prints and compares it with what package decode says: length, mnemonic and
// every operand. It serves the decoder's proof (scripts/check-decoder) and its tests, and is no part of the product.
package objdump

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
)

// Line is one instruction as objdump printed it (-d -w -M intel --insn-width=16 or more).
type Line struct {
	Addr uint64
	Code []byte
	Text string // mnemonic and operands, without comment and symbol
}

// Parse reads a line of objdump's output; ok is false when it holds no instruction. The result uses buf for the bytes.
func Parse(text, buf []byte) (l Line, ok bool) {
	addr, rest, found := bytes.Cut(bytes.TrimLeft(text, " "), []byte(":\t"))
	if !found {
		return l, false
	}
	a, err := strconv.ParseUint(string(addr), 16, 64)
	if err != nil {
		return l, false
	}
	code, insn, found := bytes.Cut(rest, []byte("\t"))
	if !found {
		return l, false
	}
	buf = buf[:0]
	for i := 0; i+1 < len(code) && code[i] != ' '; i += 3 {
		buf = buf[:len(buf)+1]
		if _, err := hex.Decode(buf[len(buf)-1:], code[i:i+2]); err != nil {
			return l, false
		}
	}
	if len(buf) == 0 {
		return l, false
	}
	return Line{Addr: a, Code: buf, Text: string(clean(insn))}, true
}

// Name is objdump's mnemonic, without prefixes.
func (l Line) Name() string {
	name, _, _ := strings.Cut(normalize(l.Text), " ")
	return name
}

// clean removes the comment, the symbol of a branch target, branch hints, and white space at the end.
func clean(s []byte) []byte {
	for _, mark := range []string{" <", "#"} {
		if i := bytes.Index(s, []byte(mark)); i >= 0 {
			s = s[:i]
		}
	}
	return bytes.TrimRight(s, " \t\n")
}
