package object

import (
	"encoding/hex"
	"strings"
)

// standIn is machine code in place of a function of the C library. It is instrumented like the rest.
type standIn struct {
	names []string
	code  []instruction
}

type instruction struct{ hex, text string }

// standInBytes is the room that each has.
const standInBytes = 64

// standIns begin at multiples of standInBytes, in this order. They are short, not fast on every processor: rep movsb and rep
// stosb are where it has fast ones (ERMS, every x86-64 server since 2013).
var standIns = []standIn{
	{[]string{"memcpy", "__memcpy_chk"}, []instruction{
		{"4889f8", "mov rax, rdi"},
		{"4889d1", "mov rcx, rdx"},
		{"f3a4", "rep movsb"},
		{"c3", "ret"},
	}},
	{[]string{"memset", "__memset_chk"}, []instruction{
		{"4989f8", "mov r8, rdi"},
		{"89f0", "mov eax, esi"},
		{"4889d1", "mov rcx, rdx"},
		{"f3aa", "rep stosb"},
		{"4c89c0", "mov rax, r8"},
		{"c3", "ret"},
	}},
	{[]string{"memmove", "__memmove_chk"}, []instruction{
		{"4889f8", "mov rax, rdi"},
		{"4889d1", "mov rcx, rdx"},
		{"4989f8", "mov r8, rdi"},
		{"4929f0", "sub r8, rsi"},
		{"4939c8", "cmp r8, rcx"},
		{"7203", "jb backwards"},
		{"f3a4", "rep movsb"},
		{"c3", "ret"},
		{"4883f908", "backwards: cmp rcx, 8"},
		{"7210", "jb bytes"},
		{"4c8b4c0ef8", "mov r9, [rsi+rcx-8]"},
		{"4c894c0ff8", "mov [rdi+rcx-8], r9"},
		{"4883e908", "sub rcx, 8"},
		{"ebea", "jmp backwards"},
		{"4885c9", "bytes: test rcx, rcx"},
		{"740f", "jz done"},
		{"448a4c0eff", "mov r9b, [rsi+rcx-1]"},
		{"44884c0fff", "mov [rdi+rcx-1], r9b"},
		{"48ffc9", "dec rcx"},
		{"ebec", "jmp bytes"},
		{"c3", "done: ret"},
	}},
	{[]string{"memcmp", "bcmp"}, []instruction{
		{"31c9", "xor ecx, ecx"},
		{"4839d1", "next: cmp rcx, rdx"},
		{"7412", "je equal"},
		{"0fb6040f", "movzx eax, byte [rdi+rcx]"},
		{"440fb6040e", "movzx r8d, byte [rsi+rcx]"},
		{"48ffc1", "inc rcx"},
		{"4429c0", "sub eax, r8d"},
		{"74ea", "je next"},
		{"c3", "ret"},
		{"31c0", "equal: xor eax, eax"},
		{"c3", "ret"},
	}},
}

// standInFor is the offset of the stand-in for a function.
func standInFor(name string) (offset uint64, ok bool) {
	for i, s := range standIns {
		for _, n := range s.names {
			if n == name {
				return uint64(i) * standInBytes, true
			}
		}
	}
	return 0, false
}

func standInAt(offset uint64) string {
	if i := offset / standInBytes; i < uint64(len(standIns)) {
		return standIns[i].names[0] + " (stand-in)"
	}
	return ""
}

// standInCode is all of them.
func standInCode() []byte {
	var all []byte
	for i, s := range standIns {
		var text strings.Builder
		for _, in := range s.code {
			text.WriteString(in.hex)
		}
		code, err := hex.DecodeString(text.String())
		if err != nil || len(code) > standInBytes {
			panic("object: stand-in for " + s.names[0] + " is wrong")
		}
		for len(all) < i*standInBytes {
			all = append(all, 0xcc) // int3
		}
		all = append(all, code...)
	}
	return all
}
