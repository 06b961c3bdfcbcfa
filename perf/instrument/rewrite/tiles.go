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
// complete: one that differs from the one before is told to Go, or noted in a detached copy.
func (w *writer) compareTileConfig(f *Func, c *Block, live blocks.Live) {
	if w.opt.Detached {
		w.a.noteTileConfig(!live.FlagsDead())
		return
	}
	w.a.ifNewTileConfig(!live.FlagsDead(), func() { w.exit(ExitTileConfig, f.borrows[c.Block], nil) })
}

// ifNewTileConfig emits code that is executed where the tile configuration differs from that at OffTileConfig, which is then at
// OffTileNew. RAX is free in it.
func (a *assembler) ifNewTileConfig(flagsLive bool, differs func()) {
	a.b(0x65, 0xc4, 0xe2, 0x79, 0x49) // sttilecfg
	a.gs(0, OffTileNew)
	a.store(spillRAX, decode.RAX)
	if flagsLive {
		a.saveFlags()
		a.store(spillFlags, decode.RAX)
	}
	var places []int
	for i := range int32(8) {
		a.load(decode.RAX, OffTileNew+8*i)
		a.opGS(0x3b, decode.RAX, OffTileConfig+8*i) // cmp
		places = append(places, a.jumpIf(notEqual))
	}
	same := a.jumpIf(always)
	for _, place := range places {
		a.patch32(place, len(a.buf))
	}
	differs()
	a.patch32(same, len(a.buf))
	if flagsLive {
		a.load(decode.RAX, spillFlags)
		a.restoreFlags()
	}
	a.load(decode.RAX, spillRAX)
}

// TileCounters are the first counters of a detached copy, which count nothing: eight words of the first tile configuration that the
// thread has used, and one that is not 0 if there was another one.
const TileCounters = 9

// noteTileConfig emits code that keeps the first tile configuration of a thread, at OffTileConfig and in the counters, and notes whether
// there is another one. None, as before the first and behind tilerelease, is not one.
func (a *assembler) noteTileConfig(flagsLive bool) {
	a.ifNewTileConfig(flagsLive, func() {
		palette := func(off int32) { // 0 where there is none
			a.load(decode.RAX, off)
			a.b(0x84, 0xc0) // test al, al
		}
		palette(OffTileNew)
		none := a.jumpIf(equal)
		palette(OffTileConfig)
		first := a.jumpIf(equal)
		a.storeImm(counterSlot(TileCounters-1), 1)
		noted := a.jumpIf(always)
		a.patch32(first, len(a.buf))
		for i := range int32(8) {
			a.load(decode.RAX, OffTileNew+8*i)
			a.store(OffTileConfig+8*i, decode.RAX)
			a.store(counterSlot(int(i)), decode.RAX)
		}
		a.patch32(none, len(a.buf))
		a.patch32(noted, len(a.buf))
	})
}

// Conditions of jumpIf.
const (
	equal    = 4
	notEqual = 5
	always   = 16
)

// jumpIf emits a jump whose way is set later, at the place that it returns.
func (a *assembler) jumpIf(condition byte) (place int) {
	if condition == always {
		a.b(0xe9)
	} else {
		a.b(0x0f, 0x80|condition)
	}
	a.i32(0)
	return len(a.buf) - 4
}
