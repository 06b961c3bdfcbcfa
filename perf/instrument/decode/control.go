package decode

// Control says where execution goes after an instruction.
type Control uint8

// The classes of control flow.
const (
	Next         Control = iota // to the following instruction
	CondJump                    // jcc: to Target or the following instruction, by flags
	CountJump                   // jrcxz, jecxz, loop, loope, loopne: as CondJump, by RCX; only an 8-bit offset exists
	Jump                        // to Target
	IndirectJump                // to the address in a register or in memory
	Call                        // to Target, return address pushed
	IndirectCall                // to the address in a register or in memory, return address pushed
	Return                      // to the address popped
	Trap                        // int3, int n, ud0, ud1, ud2, hlt, icebp: an exception, or the end of execution
	Syscall                     // syscall, sysenter: into the kernel and back to the following instruction
	Transaction                 // xbegin: to the following instruction, on an abort to Target
)

var controlText = [...]string{"next", "cond-jump", "count-jump", "jump", "indirect-jump", "call", "indirect-call", "return", "trap", "syscall", "transaction"}

func (c Control) String() string {
	if int(c) < len(controlText) {
		return controlText[c]
	}
	return "control?"
}

// Direct reports that Inst.Target holds an address to go to.
func (c Control) Direct() bool {
	return c == CondJump || c == CountJump || c == Jump || c == Call || c == Transaction
}
