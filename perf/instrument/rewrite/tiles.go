package rewrite

import (
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// loadsTileConfig recognises ldtilecfg: VEX.128.NP.0F38.W0 49 /0 with memory.
func loadsTileConfig(in *decode.Inst) bool {
	return in.Enc == decode.VEX && in.Map == 2 && in.Op == 0x49 && in.PP == decode.PPNone && in.HasMem
}

// compareTileConfig emits what follows the load of a tile configuration, at the end of its block, when its record is
// complete: one that differs from the one before is told to Go.
func (w *writer) compareTileConfig(f *Func, c *Block, live blocks.Live) {
	w.a.b(0x65, 0xc4, 0xe2, 0x79, 0x49) // sttilecfg
	w.a.gs(0, OffTileNew)
	w.a.store(spillRAX, decode.RAX)
	if !live.FlagsDead() {
		w.a.saveFlags()
		w.a.store(spillFlags, decode.RAX)
	}
	var differs []int
	for i := range int32(8) {
		w.a.load(decode.RAX, OffTileNew+8*i)
		w.a.opGS(0x3b, decode.RAX, OffTileConfig+8*i) // cmp
		w.a.b(0x0f, 0x85)                             // jne
		differs = append(differs, len(w.a.buf))
		w.a.i32(0)
	}
	w.a.b(0xeb, 5) // jmp over the exit
	for _, place := range differs {
		w.a.patch32(place, len(w.a.buf))
	}
	w.exit(ExitTileConfig, f.borrows[c.Block], nil)
	if !live.FlagsDead() {
		w.a.load(decode.RAX, spillFlags)
		w.a.restoreFlags()
	}
	w.a.load(decode.RAX, spillRAX)
}
