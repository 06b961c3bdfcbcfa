package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// Products of B where it lies.
var (
	avx512InPlaceF32 = inPlaceOf(asm.InPlaceAVX512F32, 0.5)
	avx512InPlaceF64 = inPlaceOf(asm.InPlaceAVX512F64, 0.75)
)

func inPlaceOf(code asm.InPlace, permutedLoads float64) inPlace {
	return inPlace{
		tiles: code.Tiles, packing: code.Packing, wide: code.Wide, chained: code.Chained, permuted: code.Permuted, permutedLoads: permutedLoads,
		shallow: code.Shallow, short: code.Short, outer: code.Outer, flat: code.Flat,
		columns: code.Columns, single: code.Single, halfColumn: code.HalfColumn, packColumns: code.PackColumns,
	}
}
