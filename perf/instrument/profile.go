package instrument

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// Profile is what runs executed, block by block.
type Profile struct {
	Blocks  []BlockCount // those that were executed, by address
	Workers []uint64     `json:",omitempty"` // instructions that each of several threads executed; empty: not known
}

// BlockCount is a block and its executions. It is plain data, to be sent between processes.
type BlockCount struct {
	Function   string
	Addr       uint64
	Entry      uint64 `json:",omitempty"` // of the function; 0: not known
	Code       []byte
	Executions uint64
	Lanes      map[int]uint64 // of the instructions under a mask, by index: lanes that were on, over all executions
	Repeats    map[int]uint64 // of the repeated string instructions, by index: repetitions
	Tiles      []TileCount    // of blocks with tile instructions: executions by configuration
}

// TileCount is how often a block was executed under a tile configuration.
type TileCount struct {
	Config     TileConfig
	Executions uint64
}

// TileConfig is the operand of ldtilecfg: bytes of a row from byte 16 on, 2 for each tile; rows from byte 48 on.
type TileConfig [64]byte

// Rows of a tile.
func (c *TileConfig) Rows(tile uint8) int { return int(c[48+tile&7]) }

// RowBytes of a tile.
func (c *TileConfig) RowBytes(tile uint8) int {
	return int(c[16+2*(tile&7)]) | int(c[17+2*(tile&7)])<<8
}

// Insts decodes the block's code.
func (b *BlockCount) Insts() ([]decode.Inst, error) {
	var list []decode.Inst
	for off := 0; off < len(b.Code); {
		in, err := decode.Decode(b.Code[off:], b.Addr+uint64(off))
		if err != nil {
			return nil, fmt.Errorf("read block of %s: %w", b.Function, err)
		}
		list = append(list, in)
		off += int(in.Len)
	}
	return list, nil
}

// add merges the counts of another thread or run of the same program.
func (p *Profile) add(o *Profile) {
	at := map[uint64]int{}
	for i, b := range p.Blocks {
		at[b.Addr] = i
	}
	for _, b := range o.Blocks {
		i, known := at[b.Addr]
		if !known {
			p.Blocks = append(p.Blocks, b)
			continue
		}
		sum := &p.Blocks[i]
		sum.Executions += b.Executions
		addTo(sum.Lanes, b.Lanes)
		addTo(sum.Repeats, b.Repeats)
		for _, t := range b.Tiles {
			sum.addTiles(t)
		}
	}
}

// instructions that were executed.
func (p *Profile) instructions() (sum uint64) {
	for i := range p.Blocks {
		if insts, err := p.Blocks[i].Insts(); err == nil { // else Totals will say so
			sum += p.Blocks[i].Executions * uint64(len(insts))
		}
	}
	return sum
}

// locate notes where the functions of the blocks begin.
func (p *Profile) locate(functions []Function) {
	for i := range p.Blocks {
		b := &p.Blocks[i]
		for _, f := range functions {
			if b.Addr-uint64(f.Entry) < uint64(f.Size) {
				b.Entry = uint64(f.Entry)
			}
		}
	}
}

// sort puts the blocks in the order of their addresses.
func (p *Profile) sort() {
	slices.SortFunc(p.Blocks, func(a, b BlockCount) int { return cmp.Compare(a.Addr, b.Addr) })
}

func addTo(sum, more map[int]uint64) {
	for k, n := range more {
		sum[k] += n
	}
}

func (b *BlockCount) addTiles(t TileCount) {
	for i := range b.Tiles {
		if b.Tiles[i].Config == t.Config {
			b.Tiles[i].Executions += t.Executions
			return
		}
	}
	b.Tiles = append(b.Tiles, t)
}
