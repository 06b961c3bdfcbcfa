package instrument

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
)

func block(t *testing.T, code string, executions uint64) BlockCount {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(code, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return BlockCount{Function: "f", Addr: 0x1000, Code: raw, Executions: executions, Lanes: map[int]uint64{}, Repeats: map[int]uint64{}}
}

// tiles of rows × bytes for tile 0, 1, 2.
func tiles(sizes ...[2]int) (c TileConfig) {
	c[0] = 1
	for i, s := range sizes {
		c[48+i], c[16+2*i], c[17+2*i] = byte(s[0]), byte(s[1]), byte(s[1]>>8)
	}
	return c
}

// What tile instructions do depends on the configuration: rows of the result, its columns, and the depth, which is the
// width of the first source.
func TestTileTotals(t *testing.T) {
	// tileloadd tmm1,[rax+rbx]; tdpbf16ps tmm0,tmm1,tmm2; tdpbusd tmm0,tmm1,tmm2; tilestored [rdi+rsi],tmm0
	b := block(t, "c4e27b4b0c18 c4e26a5cc1 c4e2695ec1 c4e27a4b0437", 5)
	b.Tiles = []TileCount{
		{tiles([2]int{16, 64}, [2]int{16, 64}, [2]int{16, 64}), 3},
		{tiles([2]int{7, 20}, [2]int{7, 12}, [2]int{3, 20}), 2},
	}
	got, err := b.Totals()
	if err != nil {
		t.Fatal(err)
	}
	full, tail := 16*16*16, 7*5*3
	if n := got.Operations[Kind{"bf16", perf.Tile, false}]; n != uint64(3*4*full+2*4*tail) {
		t.Errorf("%d operations on BF16", n)
	}
	if n := got.Operations[Kind{"int8", perf.Tile, true}]; n != uint64(3*8*full+2*8*tail) {
		t.Errorf("%d operations on INT8", n)
	}
	if got.BytesLoaded != 3*16*64+2*7*12 || got.BytesStored != 3*16*64+2*7*20 || got.Loads != 5 || got.Stores != 5 {
		t.Errorf("%d bytes loaded by %d, %d stored by %d", got.BytesLoaded, got.Loads, got.BytesStored, got.Stores)
	}
	if got.LoadsBy[64] != 3*16 || got.LoadsBy[12] != 2*7 {
		t.Errorf("loads by size %v", got.LoadsBy)
	}
	if got.FLOPs() != got.Operations[Kind{"bf16", perf.Tile, false}] || got.IntOps() != got.Operations[Kind{"int8", perf.Tile, true}] || got.PMUFLOPs() != 0 {
		t.Errorf("%d FLOPs, %d integer operations, %d by the PMU", got.FLOPs(), got.IntOps(), got.PMUFLOPs())
	}
}

func TestMaskedTotals(t *testing.T) {
	// vfmadd231ps zmm1{k1},zmm2,[rax]; vmovups [rdi]{k1},zmm1; vgatherdps zmm3{k2},[rax+zmm2*4]; rep movsb
	b := block(t, "62f26d49b808 62f17c491107 62f27d4a921c90 f3a4", 10)
	b.Lanes[0], b.Lanes[1], b.Lanes[2], b.Repeats[3] = 37, 37, 5, 1000
	got, err := b.Totals()
	if err != nil {
		t.Fatal(err)
	}
	if got.FLOPs() != 2*37 || got.FMA != 2*37 || got.PMU[Kind{"f32", perf.Bits512, false}] != 2*10 || got.PMUFLOPs() != 2*10*16 {
		t.Errorf("%d FLOPs, PMU %v", got.FLOPs(), got.PMU)
	}
	if got.BytesLoaded != 4*37+4*5+1000 || got.BytesStored != 4*37+1000 {
		t.Errorf("%d bytes loaded, %d stored", got.BytesLoaded, got.BytesStored)
	}
	if got.Loads != 30 || got.Stores != 20 || got.Instructions != 40 {
		t.Errorf("%d loads, %d stores of %d instructions", got.Loads, got.Stores, got.Instructions)
	}
	q := got.Quantities()
	if q[perf.FLOPsOf("f32", perf.Bits512)] != 74 || q[perf.FLOPsOf("f32", "")] != 74 || q[perf.FLOPs] != 74 || q[perf.FLOPsAsPMU] != 320 || q[perf.BytesL1] != float64(got.BytesLoaded+got.BytesStored) {
		t.Errorf("%v", q)
	}
}

func TestProfilesAddUp(t *testing.T) {
	one := block(t, "62f17c491107", 10)
	one.Lanes[0], one.Tiles = 3, []TileCount{{tiles([2]int{1, 4}), 1}}
	other := block(t, "62f17c491107", 1)
	other.Lanes[0], other.Tiles = 4, []TileCount{{tiles([2]int{1, 4}), 2}, {tiles([2]int{2, 4}), 7}}
	alone := block(t, "90", 2)
	alone.Addr = 0x500
	p := &Profile{}
	p.add(&Profile{Blocks: []BlockCount{one}})
	p.add(&Profile{Blocks: []BlockCount{other, alone}})
	p.sort()
	if len(p.Blocks) != 2 || p.Blocks[0].Addr != 0x500 {
		t.Fatalf("%+v", p.Blocks)
	}
	sum := p.Blocks[1]
	if sum.Executions != 11 || sum.Lanes[0] != 7 || len(sum.Tiles) != 2 || sum.Tiles[0].Executions != 3 || sum.Tiles[1].Executions != 7 {
		t.Errorf("%+v", sum)
	}
	text, err := json.Marshal(p)
	var back Profile
	if err != nil || json.Unmarshal(text, &back) != nil || !reflect.DeepEqual(*p, back) {
		t.Errorf("%v: %s", err, text)
	}
	broken := BlockCount{Function: "f", Code: []byte{0x06}}
	if _, err := broken.Totals(); err == nil {
		t.Error("unknown code was summed up")
	}
}
