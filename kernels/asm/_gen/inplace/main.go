// Command inplace generates the inner loops of products in which B is not worth packing: it is small, or few panels of A meet it, or
// its rows are as narrow as a tile. One function per element type and tile, see asm.MatmulInPlace.
//
// A tile is R rows × W half vectors of C in registers, from the rows of A and B where they lie. The last vector of a tile of odd W is one
// of 256 bits: on processors that multiply 512 bits in two halves it takes half of the time.
package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/build"

	"github.com/roofline-go/roofline/kernels/asm/gen/address"
	"github.com/roofline-go/roofline/kernels/asm/gen/vec"
)

var argument = address.Argument{
	"A *byte", "ABytes int", "B *byte", "BBytes int", "C *byte", "CBytes int", "K int", "Tiles int", "Lanes *byte",
	"Accumulate int", "Panels int", "Ahead int", "Far int", "Near int", "BNext int", "Pack *byte", "NowA int", "NowC int", "NowPanels int", "Left int",
}

// mostRows are those of a tile of 1, 2, … vectors: up to 24 sums leave registers to B and to the broadcasts. With a
// single vector more than lowRows gain where loads of A bind: each multiply-add takes one, and one of B more is for all. With few rows wide tiles read B in longer pieces. Those of more than
// widest vectors read whole rows of B, or large parts: B then comes as one stream.
var mostRows = []int{24, 12, 8, 6, 4, 4, 3, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}

const (
	widest  = 8
	lowRows = 12
)

func main() {
	var types []string
	var all []functions
	for _, s := range vec.Sets {
		if s.Name == "AVX512" {
			types, all = append(types, s.Type), append(all, generate(s))
		}
	}
	Generate()
	writeList(types, all)
}

// generate generates the functions on one element type.
func generate(s vec.Set) (f functions) {
	f.chained = make([][]string, 2*widest) // wider tiles have enough sums
	for halves := 1; halves <= 2*len(mostRows); halves++ {
		if halves > 2*widest && halves%2 == 1 {
			continue
		}
		for r := 1; r <= mostRows[(halves-1)/2]; r++ {
			name := function(s, halves, r, 1, false)
			if halves > 2*widest {
				add(&f.wide, r-1, name)
			} else {
				add(&f.tiles, halves-1, name)
			}
			if chains := chainsOf(r * ((halves + 1) / 2)); chains > 1 {
				add(&f.chained, halves-1, function(s, halves, r, chains, false))
			}
		}
	}
	for r := range mostRows[1] {
		f.packing = append(f.packing, packingFunction(s, r+1))
	}
	for halves := 1; halves <= 2; halves++ {
		for r := range permutedRows {
			add(&f.permuted, halves-1, function(s, halves, r+1, chainsOf(r+1), true))
		}
	}
	for k, most := range shallowVectors {
		for v := range most + 1 {
			add(&f.shallow, k, shallowFunction(s, k+1, v))
		}
	}
	for windows, depths := range flatDepths {
		f.flat = append(f.flat, make([]string, slices.Max(depths)))
		for _, k := range depths {
			f.flat[windows][k-1] = flatFunction(s, k, windows)
		}
	}
	f.outer = outerFunction(s)
	for k, most := range shortRows {
		for r := range most {
			add(&f.short, k, shortFunction(s, k+2, r+1))
		}
	}
	if s.Elem == 4 { // longer elements are computed across rows
		f.halfColumn = columnsFunction(s.Half(), 1, 8, 1)
	}
	f.single = columnsFunction(s, 1, 1, 4)
	for n, heights := range columnRows {
		f.packColumns = append(f.packColumns, packColumns(s, n+1))
		for _, r := range heights {
			add(&f.columns, n, columnsFunction(s, n+1, r, 1))
		}
	}
	return f
}
