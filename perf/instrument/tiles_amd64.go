package instrument

import (
	"slices"

	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// tileCounts are the executions of the blocks with tile instructions under one configuration, by ID.
type tileCounts struct {
	config TileConfig
	counts map[int]uint64
}

// newTileConfig is called when a copy has loaded a configuration that differs from the one before: what was executed so
// far belongs to that one.
func (t *Thread) newTileConfig() {
	t.settleTiles()
	copy(view(t.memory+rewrite.OffTileConfig, 64), view(t.memory+rewrite.OffTileNew, 64))
}

// settleTiles credits the executions since the last time to the current configuration.
func (t *Thread) settleTiles() {
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	config := t.tileConfig()
	i := slices.IndexFunc(t.tiles, func(c tileCounts) bool { return c.config == config })
	if i < 0 {
		i = len(t.tiles)
		t.tiles = append(t.tiles, tileCounts{config, map[int]uint64{}})
	}
	counters := t.counters()
	for _, b := range t.p.rw.Blocks {
		if b.Counter < 0 || !usesTiles(b) {
			continue
		}
		var before uint64
		for _, c := range t.tiles {
			before += c.counts[b.ID]
		}
		t.tiles[i].counts[b.ID] += counters[b.Counter] - before
	}
}

// TilesMatter reports whether what a block does depends on the tile configuration: more than loading and releasing it, and zeros.
func TilesMatter(b *rewrite.Block) bool {
	const config = 0x49 // the operation of those
	return slices.ContainsFunc(b.Insts, func(in decode.Inst) bool { return in.Attr&decode.AMX != 0 && in.Op != config })
}

func usesTiles(b *rewrite.Block) bool {
	return slices.ContainsFunc(b.Insts, func(in decode.Inst) bool { return in.Attr&decode.AMX != 0 })
}

// tileConfig is the configuration that was loaded last.
func (t *Thread) tileConfig() (c TileConfig) {
	copy(c[:], view(t.memory+rewrite.OffTileConfig, 64))
	return c
}
