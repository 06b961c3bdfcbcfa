package decode

// Mnemonic is the name of an instruction, in the spelling of Intel's manuals, lower case.
type Mnemonic uint16

// mnemonics is filled with the tables.
var mnemonics []string

func (m Mnemonic) String() string {
	loadTables()
	if int(m) < len(mnemonics) {
		return mnemonics[m]
	}
	return "?"
}
