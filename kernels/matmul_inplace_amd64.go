package kernels

import "github.com/roofline-go/roofline/kernels/asm"

// Products of B where it lies.
var (
	avx512InPlaceF32 = inPlace{
		permutedLoads: 0.5,
		tiles: [][]func(*asm.MatmulInPlace){
			{
				asm.MatmulInPlaceAVX512F32W1R1, asm.MatmulInPlaceAVX512F32W1R2, asm.MatmulInPlaceAVX512F32W1R3, asm.MatmulInPlaceAVX512F32W1R4,
				asm.MatmulInPlaceAVX512F32W1R5, asm.MatmulInPlaceAVX512F32W1R6, asm.MatmulInPlaceAVX512F32W1R7, asm.MatmulInPlaceAVX512F32W1R8,
				asm.MatmulInPlaceAVX512F32W1R9, asm.MatmulInPlaceAVX512F32W1R10, asm.MatmulInPlaceAVX512F32W1R11, asm.MatmulInPlaceAVX512F32W1R12,
			},
			{
				asm.MatmulInPlaceAVX512F32W2R1, asm.MatmulInPlaceAVX512F32W2R2, asm.MatmulInPlaceAVX512F32W2R3, asm.MatmulInPlaceAVX512F32W2R4,
				asm.MatmulInPlaceAVX512F32W2R5, asm.MatmulInPlaceAVX512F32W2R6, asm.MatmulInPlaceAVX512F32W2R7, asm.MatmulInPlaceAVX512F32W2R8,
				asm.MatmulInPlaceAVX512F32W2R9, asm.MatmulInPlaceAVX512F32W2R10, asm.MatmulInPlaceAVX512F32W2R11, asm.MatmulInPlaceAVX512F32W2R12,
			},
			{
				asm.MatmulInPlaceAVX512F32W3R1, asm.MatmulInPlaceAVX512F32W3R2, asm.MatmulInPlaceAVX512F32W3R3, asm.MatmulInPlaceAVX512F32W3R4,
				asm.MatmulInPlaceAVX512F32W3R5, asm.MatmulInPlaceAVX512F32W3R6, asm.MatmulInPlaceAVX512F32W3R7, asm.MatmulInPlaceAVX512F32W3R8,
				asm.MatmulInPlaceAVX512F32W3R9, asm.MatmulInPlaceAVX512F32W3R10, asm.MatmulInPlaceAVX512F32W3R11, asm.MatmulInPlaceAVX512F32W3R12,
			},
			{
				asm.MatmulInPlaceAVX512F32W4R1, asm.MatmulInPlaceAVX512F32W4R2, asm.MatmulInPlaceAVX512F32W4R3, asm.MatmulInPlaceAVX512F32W4R4,
				asm.MatmulInPlaceAVX512F32W4R5, asm.MatmulInPlaceAVX512F32W4R6, asm.MatmulInPlaceAVX512F32W4R7, asm.MatmulInPlaceAVX512F32W4R8,
				asm.MatmulInPlaceAVX512F32W4R9, asm.MatmulInPlaceAVX512F32W4R10, asm.MatmulInPlaceAVX512F32W4R11, asm.MatmulInPlaceAVX512F32W4R12,
			},
			{
				asm.MatmulInPlaceAVX512F32W5R1, asm.MatmulInPlaceAVX512F32W5R2, asm.MatmulInPlaceAVX512F32W5R3, asm.MatmulInPlaceAVX512F32W5R4,
				asm.MatmulInPlaceAVX512F32W5R5, asm.MatmulInPlaceAVX512F32W5R6, asm.MatmulInPlaceAVX512F32W5R7, asm.MatmulInPlaceAVX512F32W5R8,
			},
			{
				asm.MatmulInPlaceAVX512F32W6R1, asm.MatmulInPlaceAVX512F32W6R2, asm.MatmulInPlaceAVX512F32W6R3, asm.MatmulInPlaceAVX512F32W6R4,
				asm.MatmulInPlaceAVX512F32W6R5, asm.MatmulInPlaceAVX512F32W6R6, asm.MatmulInPlaceAVX512F32W6R7, asm.MatmulInPlaceAVX512F32W6R8,
			},
			{
				asm.MatmulInPlaceAVX512F32W7R1, asm.MatmulInPlaceAVX512F32W7R2, asm.MatmulInPlaceAVX512F32W7R3, asm.MatmulInPlaceAVX512F32W7R4,
				asm.MatmulInPlaceAVX512F32W7R5, asm.MatmulInPlaceAVX512F32W7R6,
			},
			{
				asm.MatmulInPlaceAVX512F32W8R1, asm.MatmulInPlaceAVX512F32W8R2, asm.MatmulInPlaceAVX512F32W8R3, asm.MatmulInPlaceAVX512F32W8R4,
				asm.MatmulInPlaceAVX512F32W8R5, asm.MatmulInPlaceAVX512F32W8R6,
			},
			{
				asm.MatmulInPlaceAVX512F32W9R1, asm.MatmulInPlaceAVX512F32W9R2, asm.MatmulInPlaceAVX512F32W9R3, asm.MatmulInPlaceAVX512F32W9R4,
			},
			{
				asm.MatmulInPlaceAVX512F32W10R1, asm.MatmulInPlaceAVX512F32W10R2, asm.MatmulInPlaceAVX512F32W10R3, asm.MatmulInPlaceAVX512F32W10R4,
			},
			{
				asm.MatmulInPlaceAVX512F32W11R1, asm.MatmulInPlaceAVX512F32W11R2, asm.MatmulInPlaceAVX512F32W11R3, asm.MatmulInPlaceAVX512F32W11R4,
			},
			{
				asm.MatmulInPlaceAVX512F32W12R1, asm.MatmulInPlaceAVX512F32W12R2, asm.MatmulInPlaceAVX512F32W12R3, asm.MatmulInPlaceAVX512F32W12R4,
			},
			{
				asm.MatmulInPlaceAVX512F32W13R1, asm.MatmulInPlaceAVX512F32W13R2, asm.MatmulInPlaceAVX512F32W13R3,
			},
			{
				asm.MatmulInPlaceAVX512F32W14R1, asm.MatmulInPlaceAVX512F32W14R2, asm.MatmulInPlaceAVX512F32W14R3,
			},
			{
				asm.MatmulInPlaceAVX512F32W15R1, asm.MatmulInPlaceAVX512F32W15R2,
			},
			{
				asm.MatmulInPlaceAVX512F32W16R1, asm.MatmulInPlaceAVX512F32W16R2,
			},
		},
		wide: [][]func(*asm.MatmulInPlace){
			{
				asm.MatmulInPlaceAVX512F32W18R1, asm.MatmulInPlaceAVX512F32W20R1, asm.MatmulInPlaceAVX512F32W22R1, asm.MatmulInPlaceAVX512F32W24R1,
				asm.MatmulInPlaceAVX512F32W26R1, asm.MatmulInPlaceAVX512F32W28R1, asm.MatmulInPlaceAVX512F32W30R1, asm.MatmulInPlaceAVX512F32W32R1,
				asm.MatmulInPlaceAVX512F32W34R1, asm.MatmulInPlaceAVX512F32W36R1, asm.MatmulInPlaceAVX512F32W38R1, asm.MatmulInPlaceAVX512F32W40R1,
				asm.MatmulInPlaceAVX512F32W42R1, asm.MatmulInPlaceAVX512F32W44R1, asm.MatmulInPlaceAVX512F32W46R1, asm.MatmulInPlaceAVX512F32W48R1,
				asm.MatmulInPlaceAVX512F32W50R1, asm.MatmulInPlaceAVX512F32W52R1, asm.MatmulInPlaceAVX512F32W54R1, asm.MatmulInPlaceAVX512F32W56R1,
			},
			{
				asm.MatmulInPlaceAVX512F32W18R2, asm.MatmulInPlaceAVX512F32W20R2, asm.MatmulInPlaceAVX512F32W22R2, asm.MatmulInPlaceAVX512F32W24R2,
				asm.MatmulInPlaceAVX512F32W26R2, asm.MatmulInPlaceAVX512F32W28R2,
			},
		},
		chained: [][]func(*asm.MatmulInPlace){
			{
				asm.MatmulInPlaceAVX512F32W1R1C4, asm.MatmulInPlaceAVX512F32W1R2C4, asm.MatmulInPlaceAVX512F32W1R3C4, asm.MatmulInPlaceAVX512F32W1R4C2,
				asm.MatmulInPlaceAVX512F32W1R5C2, asm.MatmulInPlaceAVX512F32W1R6C2, asm.MatmulInPlaceAVX512F32W1R7C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W2R1C4, asm.MatmulInPlaceAVX512F32W2R2C4, asm.MatmulInPlaceAVX512F32W2R3C4, asm.MatmulInPlaceAVX512F32W2R4C2,
				asm.MatmulInPlaceAVX512F32W2R5C2, asm.MatmulInPlaceAVX512F32W2R6C2, asm.MatmulInPlaceAVX512F32W2R7C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W3R1C4, asm.MatmulInPlaceAVX512F32W3R2C2, asm.MatmulInPlaceAVX512F32W3R3C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W4R1C4, asm.MatmulInPlaceAVX512F32W4R2C2, asm.MatmulInPlaceAVX512F32W4R3C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W5R1C4, asm.MatmulInPlaceAVX512F32W5R2C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W6R1C4, asm.MatmulInPlaceAVX512F32W6R2C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W7R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W8R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W9R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W10R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W11R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W12R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W13R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F32W14R1C2,
			},
			{},
			{},
		},
		permuted: [][]func(*asm.MatmulInPlace){
			{
				asm.MatmulInPlaceAVX512F32W1R1C4P, asm.MatmulInPlaceAVX512F32W1R2C4P, asm.MatmulInPlaceAVX512F32W1R3C4P, asm.MatmulInPlaceAVX512F32W1R4C2P,
				asm.MatmulInPlaceAVX512F32W1R5C2P, asm.MatmulInPlaceAVX512F32W1R6C2P, asm.MatmulInPlaceAVX512F32W1R7C2P, asm.MatmulInPlaceAVX512F32W1R8P,
				asm.MatmulInPlaceAVX512F32W1R9P, asm.MatmulInPlaceAVX512F32W1R10P, asm.MatmulInPlaceAVX512F32W1R11P, asm.MatmulInPlaceAVX512F32W1R12P,
				asm.MatmulInPlaceAVX512F32W1R13P, asm.MatmulInPlaceAVX512F32W1R14P, asm.MatmulInPlaceAVX512F32W1R15P, asm.MatmulInPlaceAVX512F32W1R16P,
			},
			{
				asm.MatmulInPlaceAVX512F32W2R1C4P, asm.MatmulInPlaceAVX512F32W2R2C4P, asm.MatmulInPlaceAVX512F32W2R3C4P, asm.MatmulInPlaceAVX512F32W2R4C2P,
				asm.MatmulInPlaceAVX512F32W2R5C2P, asm.MatmulInPlaceAVX512F32W2R6C2P, asm.MatmulInPlaceAVX512F32W2R7C2P, asm.MatmulInPlaceAVX512F32W2R8P,
				asm.MatmulInPlaceAVX512F32W2R9P, asm.MatmulInPlaceAVX512F32W2R10P, asm.MatmulInPlaceAVX512F32W2R11P, asm.MatmulInPlaceAVX512F32W2R12P,
				asm.MatmulInPlaceAVX512F32W2R13P, asm.MatmulInPlaceAVX512F32W2R14P, asm.MatmulInPlaceAVX512F32W2R15P, asm.MatmulInPlaceAVX512F32W2R16P,
			},
		},
		outer: asm.MatmulOuterAVX512F32,
		short: [][]func(*asm.MatmulShallow){
			{asm.MatmulShortAVX512F32K2R1, asm.MatmulShortAVX512F32K2R2, asm.MatmulShortAVX512F32K2R3, asm.MatmulShortAVX512F32K2R4},
			{asm.MatmulShortAVX512F32K3R1, asm.MatmulShortAVX512F32K3R2, asm.MatmulShortAVX512F32K3R3, asm.MatmulShortAVX512F32K3R4},
			{asm.MatmulShortAVX512F32K4R1, asm.MatmulShortAVX512F32K4R2, asm.MatmulShortAVX512F32K4R3, asm.MatmulShortAVX512F32K4R4},
			{asm.MatmulShortAVX512F32K5R1, asm.MatmulShortAVX512F32K5R2, asm.MatmulShortAVX512F32K5R3, asm.MatmulShortAVX512F32K5R4},
			{asm.MatmulShortAVX512F32K6R1, asm.MatmulShortAVX512F32K6R2, asm.MatmulShortAVX512F32K6R3, asm.MatmulShortAVX512F32K6R4},
			{asm.MatmulShortAVX512F32K7R1, asm.MatmulShortAVX512F32K7R2, asm.MatmulShortAVX512F32K7R3},
		},
		shallow: [][]func(*asm.MatmulShallow){
			{
				asm.MatmulShallowAVX512F32K1V0, asm.MatmulShallowAVX512F32K1V1, asm.MatmulShallowAVX512F32K1V2, asm.MatmulShallowAVX512F32K1V3,
				asm.MatmulShallowAVX512F32K1V4, asm.MatmulShallowAVX512F32K1V5, asm.MatmulShallowAVX512F32K1V6, asm.MatmulShallowAVX512F32K1V7,
				asm.MatmulShallowAVX512F32K1V8,
			},
			{
				asm.MatmulShallowAVX512F32K2V0, asm.MatmulShallowAVX512F32K2V1, asm.MatmulShallowAVX512F32K2V2, asm.MatmulShallowAVX512F32K2V3,
				asm.MatmulShallowAVX512F32K2V4, asm.MatmulShallowAVX512F32K2V5, asm.MatmulShallowAVX512F32K2V6, asm.MatmulShallowAVX512F32K2V7,
				asm.MatmulShallowAVX512F32K2V8,
			},
			{
				asm.MatmulShallowAVX512F32K3V0, asm.MatmulShallowAVX512F32K3V1, asm.MatmulShallowAVX512F32K3V2, asm.MatmulShallowAVX512F32K3V3,
				asm.MatmulShallowAVX512F32K3V4, asm.MatmulShallowAVX512F32K3V5, asm.MatmulShallowAVX512F32K3V6,
			},
			{asm.MatmulShallowAVX512F32K4V0, asm.MatmulShallowAVX512F32K4V1, asm.MatmulShallowAVX512F32K4V2, asm.MatmulShallowAVX512F32K4V3, asm.MatmulShallowAVX512F32K4V4},
			{asm.MatmulShallowAVX512F32K5V0, asm.MatmulShallowAVX512F32K5V1, asm.MatmulShallowAVX512F32K5V2, asm.MatmulShallowAVX512F32K5V3, asm.MatmulShallowAVX512F32K5V4},
			{asm.MatmulShallowAVX512F32K6V0, asm.MatmulShallowAVX512F32K6V1, asm.MatmulShallowAVX512F32K6V2, asm.MatmulShallowAVX512F32K6V3, asm.MatmulShallowAVX512F32K6V4},
			{asm.MatmulShallowAVX512F32K7V0, asm.MatmulShallowAVX512F32K7V1, asm.MatmulShallowAVX512F32K7V2, asm.MatmulShallowAVX512F32K7V3},
			{asm.MatmulShallowAVX512F32K8V0, asm.MatmulShallowAVX512F32K8V1, asm.MatmulShallowAVX512F32K8V2, asm.MatmulShallowAVX512F32K8V3},
			{asm.MatmulShallowAVX512F32K9V0, asm.MatmulShallowAVX512F32K9V1, asm.MatmulShallowAVX512F32K9V2, asm.MatmulShallowAVX512F32K9V3},
			{asm.MatmulShallowAVX512F32K10V0, asm.MatmulShallowAVX512F32K10V1, asm.MatmulShallowAVX512F32K10V2},
			{asm.MatmulShallowAVX512F32K11V0, asm.MatmulShallowAVX512F32K11V1, asm.MatmulShallowAVX512F32K11V2},
			{asm.MatmulShallowAVX512F32K12V0, asm.MatmulShallowAVX512F32K12V1, asm.MatmulShallowAVX512F32K12V2},
			{asm.MatmulShallowAVX512F32K13V0, asm.MatmulShallowAVX512F32K13V1, asm.MatmulShallowAVX512F32K13V2},
			{asm.MatmulShallowAVX512F32K14V0, asm.MatmulShallowAVX512F32K14V1, asm.MatmulShallowAVX512F32K14V2},
		},
		flat: [][]func(*asm.MatmulFlat){
			{asm.MatmulFlatAVX512F32K1W0, asm.MatmulFlatAVX512F32K2W0, asm.MatmulFlatAVX512F32K3W0, asm.MatmulFlatAVX512F32K4W0, asm.MatmulFlatAVX512F32K5W0, asm.MatmulFlatAVX512F32K6W0, asm.MatmulFlatAVX512F32K7W0, asm.MatmulFlatAVX512F32K8W0},
			{nil, asm.MatmulFlatAVX512F32K2W1, asm.MatmulFlatAVX512F32K3W1, asm.MatmulFlatAVX512F32K4W1, asm.MatmulFlatAVX512F32K5W1, asm.MatmulFlatAVX512F32K6W1, asm.MatmulFlatAVX512F32K7W1, asm.MatmulFlatAVX512F32K8W1},
			{nil, nil, asm.MatmulFlatAVX512F32K3W2, asm.MatmulFlatAVX512F32K4W2, asm.MatmulFlatAVX512F32K5W2, asm.MatmulFlatAVX512F32K6W2, asm.MatmulFlatAVX512F32K7W2, asm.MatmulFlatAVX512F32K8W2},
			{nil, nil, nil, nil, asm.MatmulFlatAVX512F32K5W3},
		},
		halfColumn: asm.MatmulColumnsAVX512F32N1R8Half,
		single:     asm.MatmulColumnsAVX512F32N1R1C4,
		columns: [][]func(*asm.MatmulColumns){
			{asm.MatmulColumnsAVX512F32N1R1, asm.MatmulColumnsAVX512F32N1R2, asm.MatmulColumnsAVX512F32N1R4, asm.MatmulColumnsAVX512F32N1R8},
			{asm.MatmulColumnsAVX512F32N2R1, asm.MatmulColumnsAVX512F32N2R2, asm.MatmulColumnsAVX512F32N2R4, asm.MatmulColumnsAVX512F32N2R8},
			{asm.MatmulColumnsAVX512F32N3R1, asm.MatmulColumnsAVX512F32N3R2, asm.MatmulColumnsAVX512F32N3R4, asm.MatmulColumnsAVX512F32N3R8},
			{asm.MatmulColumnsAVX512F32N4R1, asm.MatmulColumnsAVX512F32N4R2, asm.MatmulColumnsAVX512F32N4R4},
			{asm.MatmulColumnsAVX512F32N5R1, asm.MatmulColumnsAVX512F32N5R2, asm.MatmulColumnsAVX512F32N5R4},
			{asm.MatmulColumnsAVX512F32N6R1, asm.MatmulColumnsAVX512F32N6R2, asm.MatmulColumnsAVX512F32N6R4},
		},
		packColumns: []func(dst, src *byte, srcBytes, rows int){
			asm.MatmulPackColumnsAVX512F32N1,
			asm.MatmulPackColumnsAVX512F32N2,
			asm.MatmulPackColumnsAVX512F32N3,
			asm.MatmulPackColumnsAVX512F32N4,
			asm.MatmulPackColumnsAVX512F32N5,
			asm.MatmulPackColumnsAVX512F32N6,
		},
	}
	avx512InPlaceF64 = inPlace{
		permutedLoads: 0.75,
		tiles: [][]func(*asm.MatmulInPlace){
			{
				asm.MatmulInPlaceAVX512F64W1R1, asm.MatmulInPlaceAVX512F64W1R2, asm.MatmulInPlaceAVX512F64W1R3, asm.MatmulInPlaceAVX512F64W1R4,
				asm.MatmulInPlaceAVX512F64W1R5, asm.MatmulInPlaceAVX512F64W1R6, asm.MatmulInPlaceAVX512F64W1R7, asm.MatmulInPlaceAVX512F64W1R8,
				asm.MatmulInPlaceAVX512F64W1R9, asm.MatmulInPlaceAVX512F64W1R10, asm.MatmulInPlaceAVX512F64W1R11, asm.MatmulInPlaceAVX512F64W1R12,
			},
			{
				asm.MatmulInPlaceAVX512F64W2R1, asm.MatmulInPlaceAVX512F64W2R2, asm.MatmulInPlaceAVX512F64W2R3, asm.MatmulInPlaceAVX512F64W2R4,
				asm.MatmulInPlaceAVX512F64W2R5, asm.MatmulInPlaceAVX512F64W2R6, asm.MatmulInPlaceAVX512F64W2R7, asm.MatmulInPlaceAVX512F64W2R8,
				asm.MatmulInPlaceAVX512F64W2R9, asm.MatmulInPlaceAVX512F64W2R10, asm.MatmulInPlaceAVX512F64W2R11, asm.MatmulInPlaceAVX512F64W2R12,
			},
			{
				asm.MatmulInPlaceAVX512F64W3R1, asm.MatmulInPlaceAVX512F64W3R2, asm.MatmulInPlaceAVX512F64W3R3, asm.MatmulInPlaceAVX512F64W3R4,
				asm.MatmulInPlaceAVX512F64W3R5, asm.MatmulInPlaceAVX512F64W3R6, asm.MatmulInPlaceAVX512F64W3R7, asm.MatmulInPlaceAVX512F64W3R8,
				asm.MatmulInPlaceAVX512F64W3R9, asm.MatmulInPlaceAVX512F64W3R10, asm.MatmulInPlaceAVX512F64W3R11, asm.MatmulInPlaceAVX512F64W3R12,
			},
			{
				asm.MatmulInPlaceAVX512F64W4R1, asm.MatmulInPlaceAVX512F64W4R2, asm.MatmulInPlaceAVX512F64W4R3, asm.MatmulInPlaceAVX512F64W4R4,
				asm.MatmulInPlaceAVX512F64W4R5, asm.MatmulInPlaceAVX512F64W4R6, asm.MatmulInPlaceAVX512F64W4R7, asm.MatmulInPlaceAVX512F64W4R8,
				asm.MatmulInPlaceAVX512F64W4R9, asm.MatmulInPlaceAVX512F64W4R10, asm.MatmulInPlaceAVX512F64W4R11, asm.MatmulInPlaceAVX512F64W4R12,
			},
			{
				asm.MatmulInPlaceAVX512F64W5R1, asm.MatmulInPlaceAVX512F64W5R2, asm.MatmulInPlaceAVX512F64W5R3, asm.MatmulInPlaceAVX512F64W5R4,
				asm.MatmulInPlaceAVX512F64W5R5, asm.MatmulInPlaceAVX512F64W5R6, asm.MatmulInPlaceAVX512F64W5R7, asm.MatmulInPlaceAVX512F64W5R8,
			},
			{
				asm.MatmulInPlaceAVX512F64W6R1, asm.MatmulInPlaceAVX512F64W6R2, asm.MatmulInPlaceAVX512F64W6R3, asm.MatmulInPlaceAVX512F64W6R4,
				asm.MatmulInPlaceAVX512F64W6R5, asm.MatmulInPlaceAVX512F64W6R6, asm.MatmulInPlaceAVX512F64W6R7, asm.MatmulInPlaceAVX512F64W6R8,
			},
			{
				asm.MatmulInPlaceAVX512F64W7R1, asm.MatmulInPlaceAVX512F64W7R2, asm.MatmulInPlaceAVX512F64W7R3, asm.MatmulInPlaceAVX512F64W7R4,
				asm.MatmulInPlaceAVX512F64W7R5, asm.MatmulInPlaceAVX512F64W7R6,
			},
			{
				asm.MatmulInPlaceAVX512F64W8R1, asm.MatmulInPlaceAVX512F64W8R2, asm.MatmulInPlaceAVX512F64W8R3, asm.MatmulInPlaceAVX512F64W8R4,
				asm.MatmulInPlaceAVX512F64W8R5, asm.MatmulInPlaceAVX512F64W8R6,
			},
			{
				asm.MatmulInPlaceAVX512F64W9R1, asm.MatmulInPlaceAVX512F64W9R2, asm.MatmulInPlaceAVX512F64W9R3, asm.MatmulInPlaceAVX512F64W9R4,
			},
			{
				asm.MatmulInPlaceAVX512F64W10R1, asm.MatmulInPlaceAVX512F64W10R2, asm.MatmulInPlaceAVX512F64W10R3, asm.MatmulInPlaceAVX512F64W10R4,
			},
			{
				asm.MatmulInPlaceAVX512F64W11R1, asm.MatmulInPlaceAVX512F64W11R2, asm.MatmulInPlaceAVX512F64W11R3, asm.MatmulInPlaceAVX512F64W11R4,
			},
			{
				asm.MatmulInPlaceAVX512F64W12R1, asm.MatmulInPlaceAVX512F64W12R2, asm.MatmulInPlaceAVX512F64W12R3, asm.MatmulInPlaceAVX512F64W12R4,
			},
			{
				asm.MatmulInPlaceAVX512F64W13R1, asm.MatmulInPlaceAVX512F64W13R2, asm.MatmulInPlaceAVX512F64W13R3,
			},
			{
				asm.MatmulInPlaceAVX512F64W14R1, asm.MatmulInPlaceAVX512F64W14R2, asm.MatmulInPlaceAVX512F64W14R3,
			},
			{
				asm.MatmulInPlaceAVX512F64W15R1, asm.MatmulInPlaceAVX512F64W15R2,
			},
			{
				asm.MatmulInPlaceAVX512F64W16R1, asm.MatmulInPlaceAVX512F64W16R2,
			},
		},
		wide: [][]func(*asm.MatmulInPlace){
			{
				asm.MatmulInPlaceAVX512F64W18R1, asm.MatmulInPlaceAVX512F64W20R1, asm.MatmulInPlaceAVX512F64W22R1, asm.MatmulInPlaceAVX512F64W24R1,
				asm.MatmulInPlaceAVX512F64W26R1, asm.MatmulInPlaceAVX512F64W28R1, asm.MatmulInPlaceAVX512F64W30R1, asm.MatmulInPlaceAVX512F64W32R1,
				asm.MatmulInPlaceAVX512F64W34R1, asm.MatmulInPlaceAVX512F64W36R1, asm.MatmulInPlaceAVX512F64W38R1, asm.MatmulInPlaceAVX512F64W40R1,
				asm.MatmulInPlaceAVX512F64W42R1, asm.MatmulInPlaceAVX512F64W44R1, asm.MatmulInPlaceAVX512F64W46R1, asm.MatmulInPlaceAVX512F64W48R1,
				asm.MatmulInPlaceAVX512F64W50R1, asm.MatmulInPlaceAVX512F64W52R1, asm.MatmulInPlaceAVX512F64W54R1, asm.MatmulInPlaceAVX512F64W56R1,
			},
			{
				asm.MatmulInPlaceAVX512F64W18R2, asm.MatmulInPlaceAVX512F64W20R2, asm.MatmulInPlaceAVX512F64W22R2, asm.MatmulInPlaceAVX512F64W24R2,
				asm.MatmulInPlaceAVX512F64W26R2, asm.MatmulInPlaceAVX512F64W28R2,
			},
		},
		chained: [][]func(*asm.MatmulInPlace){
			{
				asm.MatmulInPlaceAVX512F64W1R1C4, asm.MatmulInPlaceAVX512F64W1R2C4, asm.MatmulInPlaceAVX512F64W1R3C4, asm.MatmulInPlaceAVX512F64W1R4C2,
				asm.MatmulInPlaceAVX512F64W1R5C2, asm.MatmulInPlaceAVX512F64W1R6C2, asm.MatmulInPlaceAVX512F64W1R7C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W2R1C4, asm.MatmulInPlaceAVX512F64W2R2C4, asm.MatmulInPlaceAVX512F64W2R3C4, asm.MatmulInPlaceAVX512F64W2R4C2,
				asm.MatmulInPlaceAVX512F64W2R5C2, asm.MatmulInPlaceAVX512F64W2R6C2, asm.MatmulInPlaceAVX512F64W2R7C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W3R1C4, asm.MatmulInPlaceAVX512F64W3R2C2, asm.MatmulInPlaceAVX512F64W3R3C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W4R1C4, asm.MatmulInPlaceAVX512F64W4R2C2, asm.MatmulInPlaceAVX512F64W4R3C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W5R1C4, asm.MatmulInPlaceAVX512F64W5R2C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W6R1C4, asm.MatmulInPlaceAVX512F64W6R2C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W7R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W8R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W9R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W10R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W11R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W12R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W13R1C2,
			},
			{
				asm.MatmulInPlaceAVX512F64W14R1C2,
			},
			{},
			{},
		},
		permuted: [][]func(*asm.MatmulInPlace){
			{
				asm.MatmulInPlaceAVX512F64W1R1C4P, asm.MatmulInPlaceAVX512F64W1R2C4P, asm.MatmulInPlaceAVX512F64W1R3C4P, asm.MatmulInPlaceAVX512F64W1R4C2P,
				asm.MatmulInPlaceAVX512F64W1R5C2P, asm.MatmulInPlaceAVX512F64W1R6C2P, asm.MatmulInPlaceAVX512F64W1R7C2P, asm.MatmulInPlaceAVX512F64W1R8P,
				asm.MatmulInPlaceAVX512F64W1R9P, asm.MatmulInPlaceAVX512F64W1R10P, asm.MatmulInPlaceAVX512F64W1R11P, asm.MatmulInPlaceAVX512F64W1R12P,
				asm.MatmulInPlaceAVX512F64W1R13P, asm.MatmulInPlaceAVX512F64W1R14P, asm.MatmulInPlaceAVX512F64W1R15P, asm.MatmulInPlaceAVX512F64W1R16P,
			},
			{
				asm.MatmulInPlaceAVX512F64W2R1C4P, asm.MatmulInPlaceAVX512F64W2R2C4P, asm.MatmulInPlaceAVX512F64W2R3C4P, asm.MatmulInPlaceAVX512F64W2R4C2P,
				asm.MatmulInPlaceAVX512F64W2R5C2P, asm.MatmulInPlaceAVX512F64W2R6C2P, asm.MatmulInPlaceAVX512F64W2R7C2P, asm.MatmulInPlaceAVX512F64W2R8P,
				asm.MatmulInPlaceAVX512F64W2R9P, asm.MatmulInPlaceAVX512F64W2R10P, asm.MatmulInPlaceAVX512F64W2R11P, asm.MatmulInPlaceAVX512F64W2R12P,
				asm.MatmulInPlaceAVX512F64W2R13P, asm.MatmulInPlaceAVX512F64W2R14P, asm.MatmulInPlaceAVX512F64W2R15P, asm.MatmulInPlaceAVX512F64W2R16P,
			},
		},
		outer: asm.MatmulOuterAVX512F64,
		short: [][]func(*asm.MatmulShallow){
			{asm.MatmulShortAVX512F64K2R1, asm.MatmulShortAVX512F64K2R2, asm.MatmulShortAVX512F64K2R3, asm.MatmulShortAVX512F64K2R4},
			{asm.MatmulShortAVX512F64K3R1, asm.MatmulShortAVX512F64K3R2, asm.MatmulShortAVX512F64K3R3, asm.MatmulShortAVX512F64K3R4},
			{asm.MatmulShortAVX512F64K4R1, asm.MatmulShortAVX512F64K4R2, asm.MatmulShortAVX512F64K4R3, asm.MatmulShortAVX512F64K4R4},
			{asm.MatmulShortAVX512F64K5R1, asm.MatmulShortAVX512F64K5R2, asm.MatmulShortAVX512F64K5R3, asm.MatmulShortAVX512F64K5R4},
			{asm.MatmulShortAVX512F64K6R1, asm.MatmulShortAVX512F64K6R2, asm.MatmulShortAVX512F64K6R3, asm.MatmulShortAVX512F64K6R4},
			{asm.MatmulShortAVX512F64K7R1, asm.MatmulShortAVX512F64K7R2, asm.MatmulShortAVX512F64K7R3},
		},
		shallow: [][]func(*asm.MatmulShallow){
			{
				asm.MatmulShallowAVX512F64K1V0, asm.MatmulShallowAVX512F64K1V1, asm.MatmulShallowAVX512F64K1V2, asm.MatmulShallowAVX512F64K1V3,
				asm.MatmulShallowAVX512F64K1V4, asm.MatmulShallowAVX512F64K1V5, asm.MatmulShallowAVX512F64K1V6, asm.MatmulShallowAVX512F64K1V7,
				asm.MatmulShallowAVX512F64K1V8,
			},
			{
				asm.MatmulShallowAVX512F64K2V0, asm.MatmulShallowAVX512F64K2V1, asm.MatmulShallowAVX512F64K2V2, asm.MatmulShallowAVX512F64K2V3,
				asm.MatmulShallowAVX512F64K2V4, asm.MatmulShallowAVX512F64K2V5, asm.MatmulShallowAVX512F64K2V6, asm.MatmulShallowAVX512F64K2V7,
				asm.MatmulShallowAVX512F64K2V8,
			},
			{
				asm.MatmulShallowAVX512F64K3V0, asm.MatmulShallowAVX512F64K3V1, asm.MatmulShallowAVX512F64K3V2, asm.MatmulShallowAVX512F64K3V3,
				asm.MatmulShallowAVX512F64K3V4, asm.MatmulShallowAVX512F64K3V5, asm.MatmulShallowAVX512F64K3V6,
			},
			{asm.MatmulShallowAVX512F64K4V0, asm.MatmulShallowAVX512F64K4V1, asm.MatmulShallowAVX512F64K4V2, asm.MatmulShallowAVX512F64K4V3, asm.MatmulShallowAVX512F64K4V4},
			{asm.MatmulShallowAVX512F64K5V0, asm.MatmulShallowAVX512F64K5V1, asm.MatmulShallowAVX512F64K5V2, asm.MatmulShallowAVX512F64K5V3, asm.MatmulShallowAVX512F64K5V4},
			{asm.MatmulShallowAVX512F64K6V0, asm.MatmulShallowAVX512F64K6V1, asm.MatmulShallowAVX512F64K6V2, asm.MatmulShallowAVX512F64K6V3, asm.MatmulShallowAVX512F64K6V4},
			{asm.MatmulShallowAVX512F64K7V0, asm.MatmulShallowAVX512F64K7V1, asm.MatmulShallowAVX512F64K7V2, asm.MatmulShallowAVX512F64K7V3},
			{asm.MatmulShallowAVX512F64K8V0, asm.MatmulShallowAVX512F64K8V1, asm.MatmulShallowAVX512F64K8V2, asm.MatmulShallowAVX512F64K8V3},
			{asm.MatmulShallowAVX512F64K9V0, asm.MatmulShallowAVX512F64K9V1, asm.MatmulShallowAVX512F64K9V2, asm.MatmulShallowAVX512F64K9V3},
			{asm.MatmulShallowAVX512F64K10V0, asm.MatmulShallowAVX512F64K10V1, asm.MatmulShallowAVX512F64K10V2},
			{asm.MatmulShallowAVX512F64K11V0, asm.MatmulShallowAVX512F64K11V1, asm.MatmulShallowAVX512F64K11V2},
			{asm.MatmulShallowAVX512F64K12V0, asm.MatmulShallowAVX512F64K12V1, asm.MatmulShallowAVX512F64K12V2},
			{asm.MatmulShallowAVX512F64K13V0, asm.MatmulShallowAVX512F64K13V1, asm.MatmulShallowAVX512F64K13V2},
			{asm.MatmulShallowAVX512F64K14V0, asm.MatmulShallowAVX512F64K14V1, asm.MatmulShallowAVX512F64K14V2},
		},
		flat: [][]func(*asm.MatmulFlat){
			{asm.MatmulFlatAVX512F64K1W0, asm.MatmulFlatAVX512F64K2W0, asm.MatmulFlatAVX512F64K3W0, asm.MatmulFlatAVX512F64K4W0, asm.MatmulFlatAVX512F64K5W0, asm.MatmulFlatAVX512F64K6W0, asm.MatmulFlatAVX512F64K7W0, asm.MatmulFlatAVX512F64K8W0},
			{nil, asm.MatmulFlatAVX512F64K2W1, asm.MatmulFlatAVX512F64K3W1, asm.MatmulFlatAVX512F64K4W1, asm.MatmulFlatAVX512F64K5W1, asm.MatmulFlatAVX512F64K6W1, asm.MatmulFlatAVX512F64K7W1, asm.MatmulFlatAVX512F64K8W1},
			{nil, nil, asm.MatmulFlatAVX512F64K3W2, asm.MatmulFlatAVX512F64K4W2, asm.MatmulFlatAVX512F64K5W2, asm.MatmulFlatAVX512F64K6W2, asm.MatmulFlatAVX512F64K7W2, asm.MatmulFlatAVX512F64K8W2},
			{nil, nil, nil, nil, asm.MatmulFlatAVX512F64K5W3},
		},
		single: asm.MatmulColumnsAVX512F64N1R1C4,
		columns: [][]func(*asm.MatmulColumns){
			{asm.MatmulColumnsAVX512F64N1R1, asm.MatmulColumnsAVX512F64N1R2, asm.MatmulColumnsAVX512F64N1R4, asm.MatmulColumnsAVX512F64N1R8},
			{asm.MatmulColumnsAVX512F64N2R1, asm.MatmulColumnsAVX512F64N2R2, asm.MatmulColumnsAVX512F64N2R4, asm.MatmulColumnsAVX512F64N2R8},
			{asm.MatmulColumnsAVX512F64N3R1, asm.MatmulColumnsAVX512F64N3R2, asm.MatmulColumnsAVX512F64N3R4, asm.MatmulColumnsAVX512F64N3R8},
			{asm.MatmulColumnsAVX512F64N4R1, asm.MatmulColumnsAVX512F64N4R2, asm.MatmulColumnsAVX512F64N4R4},
			{asm.MatmulColumnsAVX512F64N5R1, asm.MatmulColumnsAVX512F64N5R2, asm.MatmulColumnsAVX512F64N5R4},
			{asm.MatmulColumnsAVX512F64N6R1, asm.MatmulColumnsAVX512F64N6R2, asm.MatmulColumnsAVX512F64N6R4},
		},
		packColumns: []func(dst, src *byte, srcBytes, rows int){
			asm.MatmulPackColumnsAVX512F64N1,
			asm.MatmulPackColumnsAVX512F64N2,
			asm.MatmulPackColumnsAVX512F64N3,
			asm.MatmulPackColumnsAVX512F64N4,
			asm.MatmulPackColumnsAVX512F64N5,
			asm.MatmulPackColumnsAVX512F64N6,
		},
	}
)
