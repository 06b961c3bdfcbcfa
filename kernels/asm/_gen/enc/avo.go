package enc

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Emit appends the instruction to avo's current function as LONG, WORD and BYTE directives on one line, with its text as
// a trailing comment.
func Emit(i Inst) { EmitReading(i) }

// EmitReading is Emit of an instruction that reads some registers: avo's allocator then gives them to no other value before it.
func EmitReading(i Inst, registers ...reg.Register) {
	opcode, rest := i.directives()
	instruction := &ir.Instruction{Opcode: opcode, Operands: []operand.Op{verbatim(rest)}, ISA: i.ISA}
	for _, r := range registers {
		instruction.Inputs = append(instruction.Inputs, r)
	}
	build.Instruction(instruction)
}

// verbatim is an operand that prints as it is: of avo's closed list of operand types that is a label.
type verbatim = operand.LabelRef

// directives splits the line into its first word, which avo takes for the opcode, and the rest.
func (i Inst) directives() (opcode, rest string) {
	var parts []string
	for code := i.Bytes; len(code) > 0; {
		switch {
		case len(code) >= 4:
			parts = append(parts, fmt.Sprintf("LONG $0x%02x%02x%02x%02x", code[3], code[2], code[1], code[0]))
			code = code[4:]
		case len(code) >= 2:
			parts = append(parts, fmt.Sprintf("WORD $0x%02x%02x", code[1], code[0]))
			code = code[2:]
		default:
			parts = append(parts, fmt.Sprintf("BYTE $0x%02x", code[0]))
			code = code[1:]
		}
	}
	line := strings.Join(parts, "; ") + " // " + i.Text
	opcode, rest, _ = strings.Cut(line, " ")
	return opcode, rest
}
