package instrument

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/cache/sim"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/instrument/blocks"
	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// withoutTiles are the tile instructions of a copy, to be replaced by nops where the processor has none.
var withoutTiles = []string{
	"c4e2784907", "c4e27b4b0c16", "c4e26a5cc1", "c4e27a4b0416", "c4e27849c0",
	"65c4e2794904254003" + "0000", // sttilecfg gs:OffTileNew
}

// Counts and traces follow the tile configuration: every time another one is loaded the copy leaves, and what was executed
// before belongs to the one before. The processor need not have tiles: the copy's own tile instructions are replaced by nops,
// and what sttilecfg would store is put there.
func TestTileConfigurations(t *testing.T) {
	// ldtilecfg [rdi]; L: tileloadd tmm1,[rsi+rdx]; tdpbf16ps tmm0,tmm1,tmm2; dec rcx; jne L; tilestored [rsi+rdx],tmm0; tilerelease; ret
	code, err := hex.DecodeString(strings.ReplaceAll("c4e2784907 c4e27b4b0c16 c4e26a5cc1 48ffc9 75f0 c4e27a4b0416 c4e27849c0 c3", " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	at, err := mapAnon(page)
	if err != nil {
		t.Fatal(err)
	}
	defer unmap(at, page)
	copy(view(at, page), code)
	if err := unix.Mprotect(view(at, page), unix.PROT_READ|unix.PROT_EXEC); err != nil {
		t.Fatal(err)
	}
	full, tail := tiles([2]int{16, 64}, [2]int{16, 64}, [2]int{16, 64}), tiles([2]int{5, 12}, [2]int{5, 8}, [2]int{2, 12})
	calls := []struct {
		config TileConfig
		n      uint64
	}{{full, 3}, {full, 4}, {tail, 2}, {full, 1}}

	run := func(mode rewrite.Mode) (th *Thread, loaded, stored map[uint64]uint64) {
		p, err := New([]Function{{Name: "tiles", Entry: at, Size: len(code)}}, Options{Mode: mode, ABI: blocks.SysV, LogBytes: 4096})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		if err := p.translate(p.functions[0]); err != nil {
			t.Fatal(err)
		}
		p.withoutTiles(t)
		if th, err = p.NewThread(); err != nil {
			t.Fatal(err)
		}
		loaded, stored = map[uint64]uint64{}, map[uint64]uint64{}
		th.SetSink(func(l *Log) {
			l.References(func(list []sim.Access) {
				for _, a := range list {
					if a.Kind == sim.LoadAccess {
						loaded[a.Addr] += uint64(a.Size)
					} else {
						stored[a.Addr] += uint64(a.Size)
					}
				}
			})
		})
		for _, c := range calls {
			copy(view(th.memory+rewrite.OffTileNew, 64), c.config[:])
			if _, err := th.Call(at, &Arguments{Ints: []uint64{uint64(th.memory), 0x10000, 256, c.n}}); err != nil {
				t.Fatal(err)
			}
		}
		return th, loaded, stored
	}

	th, _, _ := run(rewrite.Count)
	total, err := th.Profile().Totals()
	if err != nil {
		t.Fatal(err)
	}
	if n, want := total.Operations[Kind{"bf16", perf.Tile, false}], uint64(4*(8*16*16*16+2*5*3*2)); n != want {
		t.Errorf("%d operations, want %d", n, want)
	}
	// Eight loads of the full tile 1 and two of the small one, 64 bytes of configuration each call, and the return address.
	wantLoaded := uint64(8*16*64 + 2*5*8 + 4*64 + 4*8)
	wantStored := uint64(3*16*64 + 5*12)
	if total.BytesLoaded != wantLoaded || total.BytesStored != wantStored {
		t.Errorf("%d bytes loaded, %d stored; want %d, %d", total.BytesLoaded, total.BytesStored, wantLoaded, wantStored)
	}

	_, loaded, stored := run(rewrite.Trace)
	for row := range uint64(16) {
		addr := 0x10000 + 256*row
		wantLoad, wantStore := uint64(8*64), uint64(3*64)
		if row < 5 {
			wantLoad, wantStore = wantLoad+2*8, wantStore+12
		}
		if loaded[addr] != wantLoad || stored[addr] != wantStore {
			t.Errorf("row %d: %d bytes loaded, %d stored; want %d, %d", row, loaded[addr], stored[addr], wantLoad, wantStore)
		}
	}
	if len(stored) != 16 {
		t.Errorf("%d places were stored to", len(stored))
	}
}

// withoutTiles replaces the tile instructions of the copies by nops.
func (p *Program) withoutTiles(t *testing.T) {
	code := view(p.code.write, p.put)
	for _, text := range withoutTiles {
		pattern, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for i := bytes.Index(code, pattern); i >= 0; i = bytes.Index(code, pattern) {
			copy(code[i:], bytes.Repeat([]byte{0x90}, len(pattern)))
			found++
		}
		if found == 0 {
			t.Fatalf("no %s in the copy", text)
		}
	}
}
