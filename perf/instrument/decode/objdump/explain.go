package objdump

import (
	"strings"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// The categories of explained differences: what differs, and why that is no error of the decoder.
const (
	bothBad       = "not an instruction for objdump either (data, or padding between functions)"
	lonePrefix    = "objdump prints a prefix alone where the bytes after it are no instruction"
	waitFolded    = "objdump folds fwait (9b) into the x87 instruction after it: two instructions for the processor"
	xop           = "refused on purpose: XOP"
	threeDNow     = "refused on purpose: 3DNow!"
	farControl    = "refused on purpose: far calls, jumps and returns, and returns from the kernel (data in .text)"
	farPointer    = "refused on purpose: loads of far pointers (data in .text)"
	otherRefused  = "refused on purpose: other instructions of the deny list"
	rex2          = "refused on purpose: APX"
	operandSize66 = "refused on purpose: near branch with a 66 prefix, which Intel and AMD read differently"
	badLock       = "refused: lock prefix where the processor rejects it (data in .text)"
	badSegment    = "refused: segment register that does not exist (data in .text)"
)

// explainBad says why a line without an instruction is not compared.
func explainBad(l Line) string {
	if strings.Contains(l.Text, "(bad)") || strings.Contains(l.Text, "{bad}") {
		return bothBad
	}
	rest := l.Text
	for rest != "" {
		word, after, _ := strings.Cut(rest, " ")
		if !prefixWords[word] && !strings.HasPrefix(word, "rex") {
			return ""
		}
		rest = after
	}
	return lonePrefix
}

var farNames = map[string]bool{"retf": true, "iret": true, "iretw": true, "iretq": true, "iretd": true, "retfq": true, "retfw": true, "sysret": true, "sysretd": true, "sysretq": true, "sysenter": true, "sysexit": true, "sysexitd": true, "sysexitq": true, "rsm": true}

func explainRefusal(l Line, err *decode.UnknownError) string {
	name, operands, _ := strings.Cut(normalize(l.Text), " ")
	code := l.Code
	for len(code) > 1 && isPrefix(code[0]) {
		code = code[1:]
	}
	switch err.Reason {
	case decode.Ambiguous:
		return operandSize66
	case decode.Unsupported:
		switch {
		case code[0] == 0x8f:
			return xop
		case code[0] == 0xd5 || code[0] == 0x62:
			return rex2
		case code[0] == 0x0f && (code[1] == 0x0f || code[1] == 0x0e):
			return threeDNow
		case farNames[name] || name == "call" || name == "jmp":
			return farControl
		case name == "lss" || name == "lfs" || name == "lgs":
			return farPointer
		}
		return otherRefused + " (" + name + ")"
	case decode.Invalid:
		switch {
		case strings.Contains(" "+l.Text, " lock "):
			return badLock
		case name == "mov" && (strings.Contains(operands, "?") || strings.HasPrefix(operands, "cs,")):
			return badSegment
		}
	}
	return ""
}

func isPrefix(c byte) bool {
	switch c {
	case 0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65:
		return true
	}
	return c&0xf0 == 0x40
}

func explainLength(l Line, in *decode.Inst) string {
	if l.Code[0] == 0x9b && in.Len == 1 {
		return waitFolded
	}
	return ""
}

func explainText(name, operands string, in *decode.Inst) string {
	return ""
}
