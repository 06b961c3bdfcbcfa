package kernels

import (
	"github.com/roofline-go/roofline/kernels/asm"
)

// The tiled kernels. A tile has two vectors of columns, AMX's 2×2 tiles. Beyond these depths the loads and stores of C are too
// small a part of the work to gain from more.
var (
	avx2F32 = &microKernel{
		rows: 6, cols: 16, depth: 320, shareOfLarge: 35, copiesNext: true, several: true, inSet: 50, pack: asm.MatmulPackAVX2, packLast: asm.MatmulPackLastAVX2,
		panels: []func(*asm.MatmulPanel){
			asm.MatmulAVX2F32R1, asm.MatmulAVX2F32R2, asm.MatmulAVX2F32R3,
			asm.MatmulAVX2F32R4, asm.MatmulAVX2F32R5, asm.MatmulAVX2F32R6,
		},
	}
	avx2F64 = &microKernel{
		rows: 6, cols: 8, depth: 256, shareOfLarge: 35, copiesNext: true, several: true, inSet: 50, pack: asm.MatmulPackAVX2, packLast: asm.MatmulPackLastAVX2,
		panels: []func(*asm.MatmulPanel){
			asm.MatmulAVX2F64R1, asm.MatmulAVX2F64R2, asm.MatmulAVX2F64R3,
			asm.MatmulAVX2F64R4, asm.MatmulAVX2F64R5, asm.MatmulAVX2F64R6,
		},
	}
	avx512F32 = &microKernel{
		rows: 12, cols: 32, depth: 512, shareOfLarge: 25, copiesNext: true, fuse: always, inSet: 80, endSteps: 2, pack: asm.MatmulPackAVX512,
		panels: []func(*asm.MatmulPanel){
			asm.MatmulAVX512F32R1, asm.MatmulAVX512F32R2, asm.MatmulAVX512F32R3,
			asm.MatmulAVX512F32R4, asm.MatmulAVX512F32R5, asm.MatmulAVX512F32R6,
			asm.MatmulAVX512F32R7, asm.MatmulAVX512F32R8, asm.MatmulAVX512F32R9,
			asm.MatmulAVX512F32R10, asm.MatmulAVX512F32R11, asm.MatmulAVX512F32R12,
		},
	}
	avx512F64 = &microKernel{
		rows: 12, cols: 16, depth: 512, shareOfLarge: 25, copiesNext: true, fuse: always, inSet: 80, endSteps: 2, pack: asm.MatmulPackAVX512,
		panels: []func(*asm.MatmulPanel){
			asm.MatmulAVX512F64R1, asm.MatmulAVX512F64R2, asm.MatmulAVX512F64R3,
			asm.MatmulAVX512F64R4, asm.MatmulAVX512F64R5, asm.MatmulAVX512F64R6,
			asm.MatmulAVX512F64R7, asm.MatmulAVX512F64R8, asm.MatmulAVX512F64R9,
			asm.MatmulAVX512F64R10, asm.MatmulAVX512F64R11, asm.MatmulAVX512F64R12,
		},
	}
	vnniInt8 = &microKernel{
		rows: 12, cols: 32, depth: 2048, shareOfLarge: 25, copiesNext: true, several: true, fuse: always, inSet: 80, inSetOnce: 100, pack: asm.MatmulPackQuadsAVX512, step: 4, shifts: true, endSteps: 2,
		starts:   asm.NarrowStartsAVX512VNNI,
		packEdge: asm.NarrowPackQuadsAVX512, copyRows: asm.NarrowCopyAVX512,
		panels: []func(*asm.MatmulPanel){
			asm.MatmulAVX512VNNIR1, asm.MatmulAVX512VNNIR2, asm.MatmulAVX512VNNIR3,
			asm.MatmulAVX512VNNIR4, asm.MatmulAVX512VNNIR5, asm.MatmulAVX512VNNIR6,
			asm.MatmulAVX512VNNIR7, asm.MatmulAVX512VNNIR8, asm.MatmulAVX512VNNIR9,
			asm.MatmulAVX512VNNIR10, asm.MatmulAVX512VNNIR11, asm.MatmulAVX512VNNIR12,
		},
	}
	dotBF16 = &microKernel{
		rows: 12, cols: 32, depth: 1024, shareOfLarge: 25, copiesNext: true, several: true, fuse: always, inSet: 80, inSetOnce: 100, pack: asm.MatmulPackPairsAVX512, step: 2, shifts: true, endSteps: 2,
		packEdge: asm.NarrowPackPairsAVX512, copyRows: asm.NarrowCopyAVX512,
		panels: []func(*asm.MatmulPanel){
			asm.MatmulAVX512BF16R1, asm.MatmulAVX512BF16R2, asm.MatmulAVX512BF16R3,
			asm.MatmulAVX512BF16R4, asm.MatmulAVX512BF16R5, asm.MatmulAVX512BF16R6,
			asm.MatmulAVX512BF16R7, asm.MatmulAVX512BF16R8, asm.MatmulAVX512BF16R9,
			asm.MatmulAVX512BF16R10, asm.MatmulAVX512BF16R11, asm.MatmulAVX512BF16R12,
		},
	}
	halfF16 = &microKernel{
		rows: 12, cols: 32, depth: 512, shareOfLarge: 25, chunk: 128, copiesNext: true, fuse: never, inSet: 80, pack: asm.MatmulPackPairsAVX512, step: 2, trial: true,
		packEdge: asm.NarrowPackPairsAVX512, copyRows: asm.NarrowCopyAVX512,
		panels: []func(*asm.MatmulPanel){
			asm.MatmulAVX512FP16R1, asm.MatmulAVX512FP16R2, asm.MatmulAVX512FP16R3,
			asm.MatmulAVX512FP16R4, asm.MatmulAVX512FP16R5, asm.MatmulAVX512FP16R6,
			asm.MatmulAVX512FP16R7, asm.MatmulAVX512FP16R8, asm.MatmulAVX512FP16R9,
			asm.MatmulAVX512FP16R10, asm.MatmulAVX512FP16R11, asm.MatmulAVX512FP16R12,
		},
	}
	amxBF16 = &microKernel{
		rows: 32, cols: 32, depth: 2048, shareOfLarge: 38, fuse: never, tiles: true,
		step: 32, pack: asm.MatmulPackPairsTilesAVX512, packEdge: asm.NarrowPackPairsTilesAVX512, copyRows: asm.NarrowCopyAVX512, spoils: asm.NarrowSpoilsAVX512,
		panels:   tilePanels(asm.MatmulAMXBF16R16, asm.MatmulAMXBF16R32),
		passing:  tilePanels(asm.MatmulAMXBF16PassR16, asm.MatmulAMXBF16PassR32),
		near:     tilePanels(asm.MatmulAMXBF16NearR16, asm.MatmulAMXBF16NearR32),
		chunked:  tilePanels(asm.MatmulAMXBF16ChunksR16, asm.MatmulAMXBF16ChunksR32),
		nearPast: tilePanels(asm.MatmulAMXBF16NearPastR16, asm.MatmulAMXBF16NearPastR32),
		lines:    asm.MatmulAMXBF16LinesR32,
	}
	amxInt8 = &microKernel{
		rows: 32, cols: 32, depth: 4096, shareOfLarge: 38, fuse: never, tiles: true,
		step: 64, pack: asm.MatmulPackQuadsTilesAVX512, packEdge: asm.NarrowPackQuadsTilesAVX512, copyRows: asm.NarrowCopyAVX512,
		panels:   tilePanels(asm.MatmulAMXINT8R16, asm.MatmulAMXINT8R32),
		passing:  tilePanels(asm.MatmulAMXINT8PassR16, asm.MatmulAMXINT8PassR32),
		near:     tilePanels(asm.MatmulAMXINT8NearR16, asm.MatmulAMXINT8NearR32),
		chunked:  tilePanels(asm.MatmulAMXINT8ChunksR16, asm.MatmulAMXINT8ChunksR32),
		nearPast: tilePanels(asm.MatmulAMXINT8NearPastR16, asm.MatmulAMXINT8NearPastR32),
		lines:    asm.MatmulAMXINT8LinesR32,
	}
)

// Few rows of A: how many rows of B are taken at once depends on how many registers their factors leave.
var (
	avx2RowsF32 = []rowStream{
		{width: 32, far: []rowGroup{{8, asm.MatmulRowsAVX2F32M1K8}}, near: rowGroup{8, asm.MatmulRowsAVX2F32M1K8}, single: asm.MatmulRowsAVX2F32M1K1},
		{width: 32, far: []rowGroup{{4, asm.MatmulRowsAVX2F32M2K4}}, near: rowGroup{4, asm.MatmulRowsAVX2F32M2K4}, single: asm.MatmulRowsAVX2F32M2K1},
		{width: 32, near: rowGroup{2, asm.MatmulRowsAVX2F32M3K2}, single: asm.MatmulRowsAVX2F32M3K1},
		{width: 32, near: rowGroup{2, asm.MatmulRowsAVX2F32M4K2}, single: asm.MatmulRowsAVX2F32M4K1},
	}
	avx2RowsF64 = []rowStream{
		{width: 32, far: []rowGroup{{8, asm.MatmulRowsAVX2F64M1K8}}, near: rowGroup{8, asm.MatmulRowsAVX2F64M1K8}, single: asm.MatmulRowsAVX2F64M1K1},
		{width: 32, far: []rowGroup{{4, asm.MatmulRowsAVX2F64M2K4}}, near: rowGroup{4, asm.MatmulRowsAVX2F64M2K4}, single: asm.MatmulRowsAVX2F64M2K1},
		{width: 32, near: rowGroup{2, asm.MatmulRowsAVX2F64M3K2}, single: asm.MatmulRowsAVX2F64M3K1},
		{width: 32, near: rowGroup{2, asm.MatmulRowsAVX2F64M4K2}, single: asm.MatmulRowsAVX2F64M4K1},
	}
	avx512RowsF32 = []rowStream{
		{
			width: 64, single: asm.MatmulRowsAVX512F32M1K1,
			rest:  []rowGroup{{4, asm.MatmulRowsAVX512F32M1K4}, {2, asm.MatmulRowsAVX512F32M1K2}},
			far:   []rowGroup{{4, asm.MatmulRowsAVX512F32M1K4}, {2, asm.MatmulRowsAVX512F32M1K2}},
			near:  rowGroup{8, asm.MatmulRowsAVX512F32M1K8},
			ahead: rowGroup{8, asm.MatmulRowsAVX512F32M1K8Ahead},
		},
		{
			width: 64, single: asm.MatmulRowsAVX512F32M2K1,
			rest:  []rowGroup{{4, asm.MatmulRowsAVX512F32M2K4}, {2, asm.MatmulRowsAVX512F32M2K2}},
			far:   []rowGroup{{4, asm.MatmulRowsAVX512F32M2K4}},
			near:  rowGroup{8, asm.MatmulRowsAVX512F32M2K8},
			many:  rowGroup{16, asm.MatmulRowsAVX512F32M2K16},
			ahead: rowGroup{8, asm.MatmulRowsAVX512F32M2K8Ahead},
		},
		{
			width: 64, single: asm.MatmulRowsAVX512F32M3K1,
			rest:  []rowGroup{{4, asm.MatmulRowsAVX512F32M3K4}, {2, asm.MatmulRowsAVX512F32M3K2}},
			near:  rowGroup{8, asm.MatmulRowsAVX512F32M3K8},
			ahead: rowGroup{8, asm.MatmulRowsAVX512F32M3K8Ahead},
			soon:  rowGroup{8, asm.MatmulRowsAVX512F32M3K8Soon},
		},
		{
			width: 64, single: asm.MatmulRowsAVX512F32M4K1,
			rest:  []rowGroup{{2, asm.MatmulRowsAVX512F32M4K2}},
			near:  rowGroup{4, asm.MatmulRowsAVX512F32M4K4},
			ahead: rowGroup{8, asm.MatmulRowsAVX512F32M4K8Ahead},
			soon:  rowGroup{8, asm.MatmulRowsAVX512F32M4K8Soon},
		},
		{width: 64, single: asm.MatmulRowsAVX512F32M5K1, near: rowGroup{8, asm.MatmulRowsAVX512F32M5K8Soon}, soon: rowGroup{8, asm.MatmulRowsAVX512F32M5K8Soon}},
		{width: 64, single: asm.MatmulRowsAVX512F32M6K1, near: rowGroup{8, asm.MatmulRowsAVX512F32M6K8Soon}, soon: rowGroup{8, asm.MatmulRowsAVX512F32M6K8Soon}},
		{width: 64, single: asm.MatmulRowsAVX512F32M7K1, near: rowGroup{8, asm.MatmulRowsAVX512F32M7K8Soon}, soon: rowGroup{8, asm.MatmulRowsAVX512F32M7K8Soon}},
		{width: 64, single: asm.MatmulRowsAVX512F32M8K1, near: rowGroup{8, asm.MatmulRowsAVX512F32M8K8Soon}, soon: rowGroup{8, asm.MatmulRowsAVX512F32M8K8Soon}},
	}
	avx512RowsF64 = []rowStream{
		{
			width: 64, single: asm.MatmulRowsAVX512F64M1K1,
			rest:  []rowGroup{{4, asm.MatmulRowsAVX512F64M1K4}, {2, asm.MatmulRowsAVX512F64M1K2}},
			far:   []rowGroup{{4, asm.MatmulRowsAVX512F64M1K4}, {2, asm.MatmulRowsAVX512F64M1K2}},
			near:  rowGroup{8, asm.MatmulRowsAVX512F64M1K8},
			ahead: rowGroup{8, asm.MatmulRowsAVX512F64M1K8Ahead},
		},
		{
			width: 64, single: asm.MatmulRowsAVX512F64M2K1,
			rest:  []rowGroup{{4, asm.MatmulRowsAVX512F64M2K4}, {2, asm.MatmulRowsAVX512F64M2K2}},
			far:   []rowGroup{{4, asm.MatmulRowsAVX512F64M2K4}},
			near:  rowGroup{8, asm.MatmulRowsAVX512F64M2K8},
			many:  rowGroup{16, asm.MatmulRowsAVX512F64M2K16},
			ahead: rowGroup{8, asm.MatmulRowsAVX512F64M2K8Ahead},
		},
		{
			width: 64, single: asm.MatmulRowsAVX512F64M3K1,
			rest:  []rowGroup{{4, asm.MatmulRowsAVX512F64M3K4}, {2, asm.MatmulRowsAVX512F64M3K2}},
			near:  rowGroup{8, asm.MatmulRowsAVX512F64M3K8},
			ahead: rowGroup{8, asm.MatmulRowsAVX512F64M3K8Ahead},
			soon:  rowGroup{8, asm.MatmulRowsAVX512F64M3K8Soon},
		},
		{
			width: 64, single: asm.MatmulRowsAVX512F64M4K1,
			rest:  []rowGroup{{2, asm.MatmulRowsAVX512F64M4K2}},
			near:  rowGroup{4, asm.MatmulRowsAVX512F64M4K4},
			ahead: rowGroup{8, asm.MatmulRowsAVX512F64M4K8Ahead},
			soon:  rowGroup{8, asm.MatmulRowsAVX512F64M4K8Soon},
		},
		{width: 64, single: asm.MatmulRowsAVX512F64M5K1, near: rowGroup{8, asm.MatmulRowsAVX512F64M5K8Soon}, soon: rowGroup{8, asm.MatmulRowsAVX512F64M5K8Soon}},
		{width: 64, single: asm.MatmulRowsAVX512F64M6K1, near: rowGroup{8, asm.MatmulRowsAVX512F64M6K8Soon}, soon: rowGroup{8, asm.MatmulRowsAVX512F64M6K8Soon}},
		{width: 64, single: asm.MatmulRowsAVX512F64M7K1, near: rowGroup{8, asm.MatmulRowsAVX512F64M7K8Soon}, soon: rowGroup{8, asm.MatmulRowsAVX512F64M7K8Soon}},
		{width: 64, single: asm.MatmulRowsAVX512F64M8K1, near: rowGroup{8, asm.MatmulRowsAVX512F64M8K8Soon}, soon: rowGroup{8, asm.MatmulRowsAVX512F64M8K8Soon}},
	}
)

// tilePanels lists the functions for panels of 1 to 32 rows.
func tilePanels(upTo16, upTo32 func(*asm.MatmulPanel)) (panels []func(*asm.MatmulPanel)) {
	for rows := 1; rows <= 32; rows++ {
		if rows <= 16 {
			panels = append(panels, upTo16)
		} else {
			panels = append(panels, upTo32)
		}
	}
	return panels
}
