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
	endOfSection  = "the section ends inside an instruction (data)"
	coprocessor   = "refused: opcodes of the 8087 and 287 only"
	prefixedVEX   = "refused: a prefix before VEX or EVEX that processors reject (data in .text)"
	mpx           = "objdump prints MPX, which Linux and processors have given up: a nop"
	newer         = "AMX-COMPLEX is newer than some versions of objdump (2.41 knows it)"
	hint          = "objdump prints a hint that is a nop for processors without it: a nop"
	extra66       = "objdump lets a 66 prefix beside F2 or F3 change the registers: it has no effect"
	scalarL       = "objdump prints ymm or zmm in the store form of a scalar move with a vector length, which is ignored"
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
	if strings.HasPrefix(l.Text, ".byte") {
		return endOfSection
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
		if category, known := noRow[name]; known {
			return "refused, no row: " + category
		}
		switch {
		case strings.Contains(l.Text, "87 only)"):
			return coprocessor
		case code[0] == 0xc4 || code[0] == 0xc5 || code[0] == 0x62:
			if len(code) != len(l.Code) {
				return prefixedVEX
			}
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
	switch {
	case name == "cldemote" || strings.HasPrefix(name, "prefetchit"):
		return hint
	case in.Prefixes&decode.Prefix66 != 0 && in.PP == decode.PPF3 && strings.Contains(name, "sbase"),
		in.Prefixes&decode.Prefix66 != 0 && (name == "movq2dq" || name == "movdq2q"):
		return extra66
	}
	if (name == "vmovss" || name == "vmovsd") && (strings.Contains(operands, "ymm") || strings.Contains(operands, "zmm")) {
		return scalarL
	}
	if strings.HasPrefix(name, "bnd") && in.Mnemonic.String() == "nop" {
		return mpx
	}
	return ""
}

func explainAccepted(l Line, in *decode.Inst) string {
	if strings.HasPrefix(l.Name(), "bnd") && in.Mnemonic.String() == "nop" {
		return mpx
	}
	if strings.HasPrefix(in.Mnemonic.String(), "tcmm") {
		return newer
	}
	return ""
}

// noRow are instructions without a row in the tables, by the reason why no analyzed code can contain them.
var noRow = map[string]string{}

func init() {
	for category, names := range map[string]string{
		"virtualization, enclaves, user interrupts and other system instructions": "vmcall vmlaunch vmresume vmxoff vmxon vmptrld vmptrst vmclear vmfunc vmrun vmload vmsave vmmcall vmgexit stgi clgi skinit invlpga invlpgb tlbsync " +
			"encls enclu enclv pconfig wrmsrns rdmsrlist wrmsrlist stui clui testui uiret senduipi rmpupdate rmpquery rmpadjust pvalidate psmash mcommit rdpru clzero tdcall seamret seamops seamcall",
		"Key Locker":                        "aesenc128kl aesenc256kl aesdec128kl aesdec256kl aesencwide128kl aesencwide256kl aesdecwide128kl aesdecwide256kl encodekey128 encodekey256 loadiwkey",
		"4FMAPS and 4VNNIW of Knights Mill": "v4fmaddps v4fmaddss v4fnmaddps v4fnmaddss vp4dpwssd vp4dpwssds",
		"AVX-512 prefetches of Knights Landing": "vgatherpf0dps vgatherpf0dpd vgatherpf0qps vgatherpf0qpd vgatherpf1dps vgatherpf1dpd vgatherpf1qps vgatherpf1qpd " +
			"vscatterpf0dps vscatterpf0dpd vscatterpf0qps vscatterpf0qpd vscatterpf1dps vscatterpf1dpd vscatterpf1qps vscatterpf1qpd",
		"XOP's two-source permutes (VEX encoded)":                                 "vpermil2ps vpermil2pd",
		"AVX-VNNI-INT8 with EVEX (AVX10.2)":                                       "vpdpbssd vpdpbssds vpdpbsud vpdpbsuds vpdpbuud vpdpbuuds",
		"forms of extrq and tilezero with other ModRM bits than the manuals give": "extrq tilezero",
	} {
		for name := range strings.FieldsSeq(names) {
			noRow[name] = category
		}
	}
}
