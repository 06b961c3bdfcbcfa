package blocks

import (
	"bytes"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

func refusal(pc uint64, code []byte, n int, err error) *RefusedError {
	if n == 0 {
		n = min(len(code), 15)
	}
	return &RefusedError{PC: pc, Bytes: bytes.Clone(code[:n]), Why: err.Error()}
}

// refuse says why an instruction that decodes cannot be instrumented; "" when it can.
func refuse(in *decode.Inst) string {
	switch {
	case in.Control == decode.Syscall:
		return "system call"
	case in.Control == decode.Transaction || in.Attr&decode.TSX != 0:
		return "transactional memory"
	case in.Attr&decode.Privileged != 0:
		return "privileged instruction"
	case in.Prefixes&decode.Prefix67 != 0 && (in.HasMem || in.Attr&decode.StringOp != 0 || in.Control == decode.CountJump):
		return "32-bit addresses"
	case in.HasMem && in.Mem.Segment == 0x65:
		return "memory of the GS segment, which the instrumentation uses"
	case in.HasMem && in.Mem.Absolute64:
		return "absolute address of 64 bits"
	case in.Enc == decode.Legacy && in.Map == 0 && in.Op == 0xd7:
		return "table lookup by AL (xlat)"
	case in.Attr&decode.VectorMasked != 0 && in.Attr&decode.MMXState != 0:
		return "masked store of MMX (maskmovq)"
	case in.Enc == decode.Legacy && in.Map == 0 && in.Op == 0xc8 && in.Imm2 != 0:
		return "nested stack frame (enter)"
	case in.FlagsWritten&decode.DF != 0 && in.Enc == decode.Legacy && in.Map == 0 && in.Op == 0xfd:
		return "direction flag set (std)"
	}
	return ""
}
