package objdump

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// prefixWords are what objdump writes before a mnemonic for prefixes without effect, or that Inst reports elsewhere.
var prefixWords = map[string]bool{"data16": true, "addr32": true, "cs": true, "ds": true, "es": true, "ss": true, "fs": true, "gs": true,
	"notrack": true, "bnd": true, "xacquire": true, "xrelease": true, "rep": true, "repz": true, "repnz": true, "lock": true, "{vex}": true, "{evex}": true, "{vex3}": true}

// normalize removes prefix words and the spaces between mnemonic and operands.
func normalize(text string) string {
	for {
		word, rest, more := strings.Cut(text, " ")
		if !more || !prefixWords[word] && !strings.HasPrefix(word, "rex") {
			break
		}
		text = strings.TrimLeft(rest, " ")
	}
	name, operands, _ := strings.Cut(text, " ")
	operands = strings.TrimSpace(operands)
	if operands == "" {
		return name
	}
	return name + " " + operands
}

// expected is mnemonic and operands as objdump prints them, where it abbreviates or has habits of its own. theirs is
// objdump's operand text: it says how often a broadcast is repeated only where that is not clear from the registers.
func expected(in *decode.Inst, theirs string) (name, operands string) {
	name = in.Mnemonic.String()
	if in.Attr&decode.StringOp != 0 {
		return stringInstruction(in, name)
	}
	args := make([]string, 0, 5)
	for i := range in.Args[:in.NArgs] {
		text := in.Operand(i)
		if in.Args[i].Class == decode.Memory && strings.Contains(theirs, "{1to") {
			text += fmt.Sprintf("{1to%d}", in.BroadcastCount())
		}
		args = append(args, text)
	}
	name, args = pseudo(in, name, args)
	name, args = habits(in, theirs, name, args)
	return name, strings.Join(args, ",")
}

var pointerSize = map[uint16]string{1: "BYTE PTR ", 2: "WORD PTR ", 4: "DWORD PTR ", 8: "QWORD PTR "}

// stringInstruction writes out the operands of movs and the like.
func stringInstruction(in *decode.Inst, name string) (string, string) {
	name = name[:len(name)-1]
	mem, n := in.Implicit()
	var dst, src string
	for _, m := range mem[:n] {
		text := pointerSize[m.Size]
		base := decode.GPRName(uint8(m.Base), 8)
		if m.Addr32 {
			base = decode.GPRName(uint8(m.Base), 4)
		}
		if m.Base == decode.RDI {
			dst = text + "es:[" + base + "]"
			continue
		}
		segment := map[uint8]string{0: "ds", 0x64: "fs", 0x65: "gs"}[m.Segment]
		src = text + segment + ":[" + base + "]"
	}
	accumulator := decode.GPRName(decode.RAX, uint16(in.OpSize))
	switch name {
	case "movs":
		return name, dst + "," + src
	case "stos":
		return name, dst + "," + accumulator
	case "lods":
		return name, accumulator + "," + src
	case "scas":
		return name, accumulator + "," + dst
	case "cmps":
		return name, src + "," + dst
	case "ins":
		return name, dst + ",dx"
	case "outs":
		return name, "dx," + src
	}
	return name, "?"
}

// habits applies objdump's ways of writing single instructions.
func habits(in *decode.Inst, theirs, name string, args []string) (string, []string) {
	last := len(args) - 1
	if in.Control.Direct() {
		args[last] = strings.TrimPrefix(args[last], "0x")
	}
	switch {
	case name == "mov" && (in.ImmSize == 8 || in.DispSize != 0 && !in.HasModRM):
		if in.ImmSize == 8 || in.DispSize == 8 {
			name = "movabs"
		}
		for i := range args { // the size is clear from the accumulator
			if _, address, sized := strings.Cut(args[i], " PTR "); sized {
				args[i] = address
			}
		}
	case name == "nop" && last < 0 && in.Prefixes&decode.Prefix66 != 0 && in.W:
		return "xchg", []string{"rax", "rax"}
	case name == "nop" && last < 0 && in.Prefixes&decode.Prefix66 != 0:
		return "xchg", []string{"ax", "ax"}
	case name == "fxch", (name == "fcom" || name == "fcomp") && last == 1:
		args = args[1:]
	case name == "jrcxz" && in.Prefixes&decode.Prefix67 != 0:
		name = "jecxz"
	case (name == "push" || name == "pop") && in.OpSize == 2 && (in.Args[0].Class == decode.Immediate || in.Args[0].Class == decode.Segment):
		name += "w"
	case unsized[name] && !strings.Contains(theirs, " PTR "):
		for i := range args {
			if _, address, sized := strings.Cut(args[i], " PTR "); sized {
				args[i] = address
			}
		}
	case name == "xlat":
		args = []string{xlatOperand(in)}
	}
	if in.HasMem && in.Mem.Base == decode.RIP && in.Mem.Disp < 0 {
		for i := range args {
			if at := strings.Index(args[i], "ip-0x"); at >= 0 {
				args[i] = fmt.Sprintf("%s+%#x]", args[i][:at+2], uint64(in.Mem.Disp))
			}
		}
	}
	return name, args
}

func xlatOperand(in *decode.Inst) string {
	mem, _ := in.Implicit()
	segment := map[uint8]string{0: "ds", 0x64: "fs", 0x65: "gs"}[mem[0].Segment]
	base := "rbx"
	if mem[0].Addr32 {
		base = "ebx"
	}
	return "BYTE PTR " + segment + ":[" + base + "]"
}

var predicates = [32]string{"eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord", "eq_uq", "nge", "ngt", "false", "neq_oq", "ge", "gt", "true",
	"eq_os", "lt_oq", "le_oq", "unord_s", "neq_us", "nlt_uq", "nle_uq", "ord_s", "eq_us", "nge_uq", "ngt_uq", "false_os", "neq_os", "ge_oq", "gt_oq", "true_us"}

var carryless = map[int64]string{0x00: "lqlq", 0x01: "hqlq", 0x10: "lqhq", 0x11: "hqhq"}

// pseudo replaces an immediate that objdump writes into the name.
func pseudo(in *decode.Inst, name string, args []string) (string, []string) {
	base, v := strings.CutPrefix(name, "v")
	prefix := ""
	if v {
		prefix = "v"
	}
	last := len(args) - 1
	if last < 0 || in.Args[last].Class != decode.Immediate {
		return name, args
	}
	switch {
	case strings.HasPrefix(base, "cmp") && len(base) == 5 && (base[4] == 's' || base[4] == 'd' || base[4] == 'h'):
		if in.Imm < 8 || v && in.Imm < 32 {
			return prefix + "cmp" + predicates[in.Imm] + base[3:], args[:last]
		}
	case v && strings.HasPrefix(base, "pcmp") && !strings.Contains(base, "str") && in.Imm < 8 && in.Imm != 3 && in.Imm != 7:
		return prefix + "pcmp" + predicates[in.Imm] + base[4:], args[:last]
	case base == "pclmulqdq" && carryless[in.Imm] != "":
		return prefix + "pclmul" + carryless[in.Imm] + "dq", args[:last]
	}
	return name, args
}

// sameOperands compares operand lists, allowing for notation.
func sameOperands(theirs, ours string) bool {
	if theirs == ours {
		return true
	}
	return plain(theirs) == plain(ours)
}

// plain brings notations together: st for st(0), a no-index register, a scale of one.
func plain(s string) string {
	s = notation.Replace(s)
	return noIndex.ReplaceAllStringFunc(s, func(m string) string {
		d, err := strconv.ParseInt(noIndex.FindStringSubmatch(m)[1], 0, 64)
		if err != nil {
			return m
		}
		return fmt.Sprintf("ds:%#x", uint64(d))
	})
}

// noIndex matches an address of nothing but a displacement, which objdump writes with the scale of the absent index.
var noIndex = regexp.MustCompile(`\[[re]iz\*\d([^\]]*)\]`)

var notation = strings.NewReplacer("st(0)", "st", "OWORD PTR", "XMMWORD PTR",
	"+riz*1", "", "+riz*2", "", "+riz*4", "", "+riz*8", "", "+eiz*1", "", "+eiz*2", "", "+eiz*4", "", "+eiz*8", "")

// sameName knows the names that objdump has for one instruction besides Intel's.
func sameName(theirs, ours string) bool {
	return aliases[theirs] == ours
}

var aliases = map[string]string{"pcmpestriq": "pcmpestri", "pcmpestrmq": "pcmpestrm", "vpcmpestriq": "vpcmpestri", "vpcmpestrmq": "vpcmpestrm",
	"cmpzxadd": "cmpexadd", "cmpnzxadd": "cmpnexadd", "cmpnbxadd": "cmpaexadd", "cmpnbexadd": "cmpaxadd", "cmpnlxadd": "cmpgexadd", "cmpnlexadd": "cmpgxadd"}

// unsized are the instructions of which objdump does not print the size of the memory operand.
var unsized = map[string]bool{"sgdt": true, "sidt": true, "lgdt": true, "lidt": true, "lddqu": true, "vlddqu": true,
	"wrssd": true, "wrssq": true, "wrussd": true, "wrussq": true, "invpcid": true, "invept": true, "invvpid": true, "ldtilecfg": true, "sttilecfg": true}
