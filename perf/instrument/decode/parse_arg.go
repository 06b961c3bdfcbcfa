package decode

import "strings"

var fixedArgs = map[string]arg{
	"al": {kind: kFixed, size: 1}, "ax": {kind: kFixed, size: szV}, "axd": {kind: kFixed, size: szIO}, "axw": {kind: kFixed, size: 2},
	"cl": {kind: kFixed, fixed: RCX, size: 1}, "dx": {kind: kFixed, fixed: RDX, size: 2}, "1": {kind: kOne},
	"st": {kind: kST}, "sti": {kind: kSTi}, "xmm0": {kind: kVFixed, size: 16},
	"fs": {kind: kSegFixed, fixed: 4, size: szU}, "gs": {kind: kSegFixed, fixed: 5, size: szU},
}

var argKinds = map[byte]kind{
	'E': kRM, 'G': kReg, 'R': kGPR, 'M': kMem, 'B': kVvvvG, 'Z': kOp,
	'V': kV, 'W': kVM, 'U': kVU, 'H': kVH, 'L': kVL, 'P': kP, 'Q': kPM, 'N': kPU,
	'S': kSeg, 'C': kCR, 'D': kDR,
}

var integerSizes = map[byte]uint16{'b': 1, 'w': 2, 'd': 4, 'q': 8, 'v': szV, 'y': szY, 'z': szZ, 'u': szU}

var vectorSizes = map[byte]uint16{'x': szX, 'h': szH, 'q': szQ, 'o': szO}

// parseArg reads an operand; ok is false when the word is a tag.
func parseArg(word string) (a arg, ok bool) {
	a.access = Read
	rest := word
	switch word[0] {
	case '=':
		a.access, rest = Write, word[1:]
	case '+':
		a.access, rest = ReadWrite, word[1:]
	case '~':
		a.access, rest = NoAccess, word[1:]
	case '-':
		rest = word[1:]
	}
	if fixed, found := fixedArgs[rest]; found {
		fixed.access = a.access
		return fixed, true
	}
	if rest[0] < 'A' || rest[0] > 'Z' {
		return arg{}, false
	}
	letter, size := rest[0], rest[1:]
	switch letter {
	case 'I':
		a.immediate(size)
	case 'J':
		a.kind = map[string]kind{"b": kRelB, "z": kRelZ}[size]
	case 'O':
		a.kind, a.size = kMoffs, integerSizes[size[0]]
		a.mem = a.size
	case 'K':
		a.kind = map[byte]kind{'g': kK, 'h': kKH, 'e': kKM, 'u': kKU, 'p': kKPair}[size[0]]
		if size[0] == 'e' {
			a.mem = uint16(number(size[1:], 10))
		}
	case 'T':
		a.kind = map[byte]kind{'g': kT, 'h': kTH, 'u': kTU}[size[0]]
	case 'Y':
		a.kind, a.fixed, a.size = kVSIB, size[0]-'0', vectorSizes[size[1]]
		a.mem = a.size
	default:
		a.kind = argKinds[letter]
		a.sized(size)
	}
	if a.kind == kNone {
		panic("decode tables: operand " + word)
	}
	return a, true
}

func (a *arg) immediate(size string) {
	switch size {
	case "b":
		a.kind, a.size = kImmB, 1
	case "s":
		a.kind, a.size = kImmS, szV
	case "su":
		a.kind, a.size = kImmS, szU
	case "w":
		a.kind, a.size = kImmW, 2
	case "z":
		a.kind, a.size = kImmZ, szV
	case "u":
		a.kind, a.size = kImmZ, szU
	case "v":
		a.kind, a.size = kImmV, szV
	}
}

// sized reads the size of a register, of memory, or of both (letter then digits).
func (a *arg) sized(size string) {
	switch size {
	case "":
		if a.kind == kP || a.kind == kPM || a.kind == kPU {
			a.size, a.mem = 8, 8
		}
		return
	case "s": // a size that the processor's state determines
		return
	case "pair":
		a.mem = szPair
		return
	}
	digits := strings.IndexAny(size, "0123456789")
	letters := size
	if digits >= 0 {
		a.mem = uint16(number(size[digits:], 10))
		a.size, letters = a.mem, size[:digits]
	}
	if letters == "" {
		return
	}
	sizes := integerSizes
	switch a.kind {
	case kV, kVM, kVU, kVH, kVL:
		sizes = vectorSizes
	case kMem:
		if letters == "x" {
			sizes = vectorSizes
		}
	}
	a.size = sizes[letters[0]]
	if digits < 0 {
		a.mem = a.size
	}
	if a.size == 0 {
		panic("decode tables: size " + size)
	}
}

// toMMX turns an operand of an SSE row into that of its MMX twin.
func (a arg) toMMX() arg {
	switch a.kind {
	case kV:
		a.kind = kP
	case kVM:
		a.kind = kPM
	case kVU:
		a.kind = kPU
	default:
		return a
	}
	a.size, a.mem = 8, 8
	return a
}
