package instrument

import "github.com/roofline-go/roofline/perf/instrument/rewrite"

// TileConfig is the operand of ldtilecfg.
type TileConfig [64]byte

// tileCounts are the counts of a tile configuration.
type tileCounts struct {
	config TileConfig
	counts []uint64
}

// Sink gets the log of a thread.
type Sink func(t *Thread, words []uint64)

func (t *Thread) newTileConfig() {
	copy(view(t.memory+rewrite.OffTileConfig, 64), view(t.memory+rewrite.OffTileNew, 64))
}

func (t *Thread) flush() { t.resetLog() }
