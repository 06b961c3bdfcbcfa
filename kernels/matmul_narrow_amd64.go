package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// Few rows of narrow elements.
var (
	dotRowsBF16 = narrowRows{
		groupRows: 8, order: asm.NarrowOrderAVX512BF16, slow: &wideRowsBF16,
		far: asm.NarrowRowsAVX512BF16M1K4Far, farTwice: asm.NarrowRowsAVX512BF16M1K8FarTwice, farAhead: asm.NarrowRowsAVX512BF16M1K4FarAhead,
		inPlace: narrowInPlace{
			{
				asm.NarrowInPlaceAVX512BF16R1W1, asm.NarrowInPlaceAVX512BF16R1W2, asm.NarrowInPlaceAVX512BF16R1W3, asm.NarrowInPlaceAVX512BF16R1W4,
				asm.NarrowInPlaceAVX512BF16R1W5, asm.NarrowInPlaceAVX512BF16R1W6, asm.NarrowInPlaceAVX512BF16R1W7, asm.NarrowInPlaceAVX512BF16R1W8,
				asm.NarrowInPlaceAVX512BF16R1W9, asm.NarrowInPlaceAVX512BF16R1W10, asm.NarrowInPlaceAVX512BF16R1W11, asm.NarrowInPlaceAVX512BF16R1W12,
			},
			{
				asm.NarrowInPlaceAVX512BF16R2W1, asm.NarrowInPlaceAVX512BF16R2W2, asm.NarrowInPlaceAVX512BF16R2W3, asm.NarrowInPlaceAVX512BF16R2W4,
				asm.NarrowInPlaceAVX512BF16R2W5, asm.NarrowInPlaceAVX512BF16R2W6,
			},
			{asm.NarrowInPlaceAVX512BF16R3W1, asm.NarrowInPlaceAVX512BF16R3W2, asm.NarrowInPlaceAVX512BF16R3W3, asm.NarrowInPlaceAVX512BF16R3W4},
			{asm.NarrowInPlaceAVX512BF16R4W1, asm.NarrowInPlaceAVX512BF16R4W2, asm.NarrowInPlaceAVX512BF16R4W3},
			{asm.NarrowInPlaceAVX512BF16R5W1, asm.NarrowInPlaceAVX512BF16R5W2},
			{asm.NarrowInPlaceAVX512BF16R6W1, asm.NarrowInPlaceAVX512BF16R6W2},
		},
		streams: []narrowStream{
			{asm.NarrowRowsAVX512BF16M1K8, asm.NarrowRowsAVX512BF16M1K2, asm.NarrowRowsAVX512BF16M1K8Ahead},
			{asm.NarrowRowsAVX512BF16M2K8, asm.NarrowRowsAVX512BF16M2K2, asm.NarrowRowsAVX512BF16M2K8Ahead},
			{asm.NarrowRowsAVX512BF16M3K8, asm.NarrowRowsAVX512BF16M3K2, asm.NarrowRowsAVX512BF16M3K8Ahead},
			{asm.NarrowRowsAVX512BF16M4K8, asm.NarrowRowsAVX512BF16M4K2, asm.NarrowRowsAVX512BF16M4K8Ahead},
			{asm.NarrowRowsAVX512BF16M5K8, asm.NarrowRowsAVX512BF16M5K2, asm.NarrowRowsAVX512BF16M5K8Ahead},
			{asm.NarrowRowsAVX512BF16M6K8, asm.NarrowRowsAVX512BF16M6K2, asm.NarrowRowsAVX512BF16M6K8Ahead},
			{asm.NarrowRowsAVX512BF16M7K8, asm.NarrowRowsAVX512BF16M7K2, asm.NarrowRowsAVX512BF16M7K8Ahead},
			{asm.NarrowRowsAVX512BF16M8K8, asm.NarrowRowsAVX512BF16M8K2, asm.NarrowRowsAVX512BF16M8K8Ahead},
		},
	}
	wideRowsBF16 = narrowRows{
		groupRows: 8, order: asm.NarrowOrderAVX512BF16Wide,
		far: asm.NarrowRowsAVX512BF16WideM1K4Far, farTwice: asm.NarrowRowsAVX512BF16WideM1K8FarTwice, farAhead: asm.NarrowRowsAVX512BF16WideM1K4FarAhead,
		inPlace: narrowInPlace{
			{
				asm.NarrowInPlaceAVX512BF16WideR1W1, asm.NarrowInPlaceAVX512BF16WideR1W2, asm.NarrowInPlaceAVX512BF16WideR1W3, asm.NarrowInPlaceAVX512BF16WideR1W4,
				asm.NarrowInPlaceAVX512BF16WideR1W5, asm.NarrowInPlaceAVX512BF16WideR1W6, asm.NarrowInPlaceAVX512BF16WideR1W7, asm.NarrowInPlaceAVX512BF16WideR1W8,
				asm.NarrowInPlaceAVX512BF16WideR1W9, asm.NarrowInPlaceAVX512BF16WideR1W10, asm.NarrowInPlaceAVX512BF16WideR1W11, asm.NarrowInPlaceAVX512BF16WideR1W12,
			},
			{
				asm.NarrowInPlaceAVX512BF16WideR2W1, asm.NarrowInPlaceAVX512BF16WideR2W2, asm.NarrowInPlaceAVX512BF16WideR2W3, asm.NarrowInPlaceAVX512BF16WideR2W4,
				asm.NarrowInPlaceAVX512BF16WideR2W5, asm.NarrowInPlaceAVX512BF16WideR2W6,
			},
			{asm.NarrowInPlaceAVX512BF16WideR3W1, asm.NarrowInPlaceAVX512BF16WideR3W2, asm.NarrowInPlaceAVX512BF16WideR3W3, asm.NarrowInPlaceAVX512BF16WideR3W4},
			{asm.NarrowInPlaceAVX512BF16WideR4W1, asm.NarrowInPlaceAVX512BF16WideR4W2, asm.NarrowInPlaceAVX512BF16WideR4W3},
			{asm.NarrowInPlaceAVX512BF16WideR5W1, asm.NarrowInPlaceAVX512BF16WideR5W2},
			{asm.NarrowInPlaceAVX512BF16WideR6W1, asm.NarrowInPlaceAVX512BF16WideR6W2},
		},
		streams: []narrowStream{
			{asm.NarrowRowsAVX512BF16WideM1K8, asm.NarrowRowsAVX512BF16WideM1K2, asm.NarrowRowsAVX512BF16WideM1K8Ahead},
			{asm.NarrowRowsAVX512BF16WideM2K8, asm.NarrowRowsAVX512BF16WideM2K2, asm.NarrowRowsAVX512BF16WideM2K8Ahead},
			{asm.NarrowRowsAVX512BF16WideM3K8, asm.NarrowRowsAVX512BF16WideM3K2, asm.NarrowRowsAVX512BF16WideM3K8Ahead},
			{asm.NarrowRowsAVX512BF16WideM4K8, asm.NarrowRowsAVX512BF16WideM4K2, asm.NarrowRowsAVX512BF16WideM4K8Ahead},
			{asm.NarrowRowsAVX512BF16WideM5K8, asm.NarrowRowsAVX512BF16WideM5K2, asm.NarrowRowsAVX512BF16WideM5K8Ahead},
			{asm.NarrowRowsAVX512BF16WideM6K8, asm.NarrowRowsAVX512BF16WideM6K2, asm.NarrowRowsAVX512BF16WideM6K8Ahead},
			{asm.NarrowRowsAVX512BF16WideM7K8, asm.NarrowRowsAVX512BF16WideM7K2, asm.NarrowRowsAVX512BF16WideM7K8Ahead},
			{asm.NarrowRowsAVX512BF16WideM8K8, asm.NarrowRowsAVX512BF16WideM8K2, asm.NarrowRowsAVX512BF16WideM8K8Ahead},
		},
	}
	vnniRowsInt8 = narrowRows{
		groupRows: 16, order: asm.NarrowOrderAVX512VNNI,
		far: asm.NarrowRowsAVX512VNNIM1K4Far, farTwice: asm.NarrowRowsAVX512VNNIM1K8FarTwice, farAhead: asm.NarrowRowsAVX512VNNIM1K4FarAhead,
		streams: []narrowStream{
			{asm.NarrowRowsAVX512VNNIM1K16, asm.NarrowRowsAVX512VNNIM1K4, asm.NarrowRowsAVX512VNNIM1K16Ahead},
			{asm.NarrowRowsAVX512VNNIM2K16, asm.NarrowRowsAVX512VNNIM2K4, asm.NarrowRowsAVX512VNNIM2K16Ahead},
			{asm.NarrowRowsAVX512VNNIM3K16, asm.NarrowRowsAVX512VNNIM3K4, asm.NarrowRowsAVX512VNNIM3K16Ahead},
			{asm.NarrowRowsAVX512VNNIM4K16, asm.NarrowRowsAVX512VNNIM4K4, asm.NarrowRowsAVX512VNNIM4K16Ahead},
			{asm.NarrowRowsAVX512VNNIM5K16, asm.NarrowRowsAVX512VNNIM5K4, asm.NarrowRowsAVX512VNNIM5K16Ahead},
			{asm.NarrowRowsAVX512VNNIM6K16, asm.NarrowRowsAVX512VNNIM6K4, asm.NarrowRowsAVX512VNNIM6K16Ahead},
			{asm.NarrowRowsAVX512VNNIM7K16, asm.NarrowRowsAVX512VNNIM7K4, asm.NarrowRowsAVX512VNNIM7K16Ahead},
			{asm.NarrowRowsAVX512VNNIM8K16, asm.NarrowRowsAVX512VNNIM8K4, asm.NarrowRowsAVX512VNNIM8K16Ahead},
		},
	}
)

// Few columns of narrow elements.
var (
	dotColumnsBF16 = narrowColumns{
		pack: asm.NarrowColumnsOfWordsAVX512,
		panels: [][]func(*asm.NarrowColumns){
			{asm.NarrowColumnsAVX512BF16N1R1, asm.NarrowColumnsAVX512BF16N1R4, asm.NarrowColumnsAVX512BF16N1R8},
			{asm.NarrowColumnsAVX512BF16N2R1, asm.NarrowColumnsAVX512BF16N2R4, asm.NarrowColumnsAVX512BF16N2R8},
			{asm.NarrowColumnsAVX512BF16N3R1, asm.NarrowColumnsAVX512BF16N3R4},
			{asm.NarrowColumnsAVX512BF16N4R1, asm.NarrowColumnsAVX512BF16N4R4},
			{asm.NarrowColumnsAVX512BF16N5R1, asm.NarrowColumnsAVX512BF16N5R4},
			{asm.NarrowColumnsAVX512BF16N6R1, asm.NarrowColumnsAVX512BF16N6R4},
		},
	}
	vnniColumnsInt8 = narrowColumns{
		pack: asm.NarrowColumnsOfBytesAVX512,
		panels: [][]func(*asm.NarrowColumns){
			{asm.NarrowColumnsAVX512VNNIN1R1, asm.NarrowColumnsAVX512VNNIN1R4, asm.NarrowColumnsAVX512VNNIN1R8},
			{asm.NarrowColumnsAVX512VNNIN2R1, asm.NarrowColumnsAVX512VNNIN2R4, asm.NarrowColumnsAVX512VNNIN2R8},
			{asm.NarrowColumnsAVX512VNNIN3R1, asm.NarrowColumnsAVX512VNNIN3R4},
			{asm.NarrowColumnsAVX512VNNIN4R1, asm.NarrowColumnsAVX512VNNIN4R4},
			{asm.NarrowColumnsAVX512VNNIN5R1, asm.NarrowColumnsAVX512VNNIN5R4},
			{asm.NarrowColumnsAVX512VNNIN6R1, asm.NarrowColumnsAVX512VNNIN6R4},
		},
	}
)

// Few rows by AMX.
var (
	rowTilesBF16 = rowTiles{
		along: asm.NarrowTilesAMXBF16Along, down: asm.NarrowTilesAMXBF16Down, order: asm.NarrowOrderAVX512BF16Wide, spread: asm.NarrowSpreadPairsAVX512, group: 2,
		most: 2, fewFar: 1,
	}
	rowTilesInt8 = rowTiles{
		along: asm.NarrowTilesAMXINT8Along, down: asm.NarrowTilesAMXINT8Down, order: asm.NarrowOrderAVX512VNNITurns, spread: asm.NarrowSpreadQuadsAVX512, group: 4,
		most: 1, fewFar: 4,
	}
)
