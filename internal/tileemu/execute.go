package tileemu

import "github.com/roofline-go/roofline/perf/instrument/decode"

// Row is a piece of memory.
type Row struct {
	Addr uint64
	Data []byte
}

// Program is what an instruction reaches beside tiles.
type Program interface {
	Register(n int8) uint64       // general register, numbered as in encodings
	Segment(prefix uint8) uint64  // where FS (prefix 0x64) or GS (0x65) begins
	Load(rows []Row) (err error)  // reads memory into the rows; any error is a fault of access
	Store(rows []Row) (err error) // writes the rows to memory
}

// Execute executes an instruction that has the attribute decode.AMX. An error is a *Fault, and no tile has changed then.
func (s *State) Execute(in *decode.Inst, p Program) error {
	if in.HasMem && in.Mem.Addr32 {
		return undefined("not emulated: an address of 32 bits")
	}
	reg := func(i int) uint8 { return in.Args[i].Reg }
	switch name := in.Mnemonic.String(); name {
	case "ldtilecfg":
		var c [configLen]byte
		if err := reach(p.Load, []Row{{address(in, p), c[:]}}); err != nil {
			return err
		}
		return s.configure(c)
	case "sttilecfg":
		return reach(p.Store, []Row{{address(in, p), s.config[:]}})
	case "tilerelease":
		s.release()
		return nil
	case "tilezero":
		t, err := s.valid(reg(0))
		if err == nil {
			t.data = [maxRows][maxColsb]byte{}
		}
		return err
	case "tileloadd", "tileloaddt1":
		t, err := s.valid(reg(0))
		if err != nil {
			return err
		}
		var loaded [maxRows][maxColsb]byte // what is beyond rows and columns becomes 0
		if err := reach(p.Load, rows(t, &loaded, in, p)); err != nil {
			return err
		}
		t.data = loaded
		return nil
	case "tilestored":
		t, err := s.valid(reg(1))
		if err != nil {
			return err
		}
		return reach(p.Store, rows(t, &t.data, in, p))
	case "tdpbf16ps":
		return s.bf16Product(reg(0), reg(1), reg(2))
	case "tdpbssd", "tdpbsud", "tdpbusd", "tdpbuud":
		return s.int8Product(reg(0), reg(1), reg(2), name[4] == 's', name[5] == 's')
	default:
		return undefined("not emulated: %s", name)
	}
}

// address is that of the memory operand; of a tile's, where its first row begins.
func address(in *decode.Inst, p Program) uint64 {
	m := &in.Mem
	at := uint64(m.Disp)
	switch m.Base {
	case decode.NoReg:
	case decode.RIP:
		at += in.Next()
	default:
		at += p.Register(m.Base)
	}
	if m.Index != decode.NoReg && in.Attr&decode.TileMemory == 0 {
		at += p.Register(m.Index) * uint64(m.Scale)
	}
	if m.Segment != 0 {
		at += p.Segment(m.Segment)
	}
	return at
}

// rows is where the rows of a tile stand in memory: the index register is their distance.
func rows(t *tile, data *[maxRows][maxColsb]byte, in *decode.Inst, p Program) []Row {
	at, stride := address(in, p), uint64(0)
	if in.Mem.Index != decode.NoReg {
		stride = p.Register(in.Mem.Index) * uint64(in.Mem.Scale)
	}
	list := make([]Row, t.rows)
	for i := range list {
		list[i] = Row{at + uint64(i)*stride, data[i][:t.colsb]}
	}
	return list
}

func reach(move func([]Row) error, list []Row) error {
	if err := move(list); err != nil {
		return &Fault{Access, err.Error()}
	}
	return nil
}
