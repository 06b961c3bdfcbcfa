package enc

// PrefetchW asks for a line of memory with the intent to write it. It is a no-op on processors that do not have it.
func PrefetchW(m Mem) Inst {
	x, b := m.extend()
	var code []byte
	if x|b != 0 {
		code = append(code, 0x40|x<<1|b)
	}
	return Inst{Text: "prefetchw " + m.text(), Bytes: append(append(code, 0x0f, 0x0d), m.modrm(1, false)...)}
}
