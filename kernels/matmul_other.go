//go:build !amd64

package kernels

// Without assembly the tiled kernels stand in the registry, with their work, but cannot be built: their Needs fail.
var (
	avx2F32   = &microKernel{rows: 6, cols: 16, depth: 320}
	avx2F64   = &microKernel{rows: 6, cols: 8, depth: 256}
	avx512F32 = &microKernel{rows: 12, cols: 32, depth: 512, fuse: always}
	avx512F64 = &microKernel{rows: 12, cols: 16, depth: 512, fuse: always}
	vnniInt8  = &microKernel{rows: 12, cols: 32, depth: 2048, fuse: always, step: 4}
	dotBF16   = &microKernel{rows: 12, cols: 32, depth: 1024, fuse: always, step: 2}
	halfF16   = &microKernel{rows: 12, cols: 32, depth: 1024, fuse: never, step: 2}
	amxBF16   = &microKernel{rows: 32, cols: 32, depth: 2048, fuse: never, step: 32, tiles: true}
	amxInt8   = &microKernel{rows: 32, cols: 32, depth: 4096, fuse: never, step: 64, tiles: true}
)

var avx512InPlaceF32, avx512InPlaceF64 inPlace

var avx2RowsF32, avx2RowsF64, avx512RowsF32, avx512RowsF64 []rowStream

var dotRowsBF16, wideRowsBF16, vnniRowsInt8 narrowRows

var dotColumnsBF16, vnniColumnsInt8 narrowColumns

var rowTilesBF16, rowTilesInt8 rowTiles
