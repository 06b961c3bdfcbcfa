package kernels

import "github.com/roofline-go/roofline/kernels/asm"

func init() {
	attentionAVX2.block = [laneVectors]laneBlock{asm.AttentionBlock1AVX2, asm.AttentionBlock2AVX2, asm.AttentionBlock3AVX2}
	attentionAVX2.fetching = [laneVectors]laneBlock{asm.AttentionBlock1AVX2Fetching, asm.AttentionBlock2AVX2Fetching, asm.AttentionBlock3AVX2Fetching}
	attentionAVX2.load, attentionAVX2.store = asm.TransposeScaleAVX2, asm.TransposeDivideAVX2
	attentionAVX512.block = [laneVectors]laneBlock{asm.AttentionBlock1AVX512, asm.AttentionBlock2AVX512, asm.AttentionBlock3AVX512}
	attentionAVX512.fetching = [laneVectors]laneBlock{asm.AttentionBlock1AVX512Fetching, asm.AttentionBlock2AVX512Fetching, asm.AttentionBlock3AVX512Fetching}
	attentionAVX512.load, attentionAVX512.store = asm.TransposeScaleAVX512, asm.TransposeDivideAVX512
	attentionAVX512.phases = lanePhases{asm.AttentionScoresAVX512, asm.AttentionSoftmaxAVX512, asm.AttentionRescaleAVX512, asm.AttentionValuesAVX512}
	attentionBF16.block = [laneVectors]laneBlock{asm.AttentionBlock1AVX512BF16, asm.AttentionBlock2AVX512BF16, asm.AttentionBlock3AVX512BF16}
	attentionBF16.load, attentionBF16.store, attentionBF16.values = transpose32, asm.TransposeDivideAVX512, packPairs
	attentionBF16.phases = lanePhases{asm.AttentionScoresAVX512BF16, asm.AttentionSoftmaxAVX512BF16, asm.AttentionRescaleAVX512BF16, asm.AttentionValuesAVX512BF16}
	attentionAMX.block = [laneVectors]laneBlock{nil, asm.AttentionBlock2AMXBF16, nil}
	attentionAMX.load, attentionAMX.store, attentionAMX.values = transpose32, asm.TransposeDivideAVX512, packTiles
	attentionAMX.phases = lanePhases{asm.AttentionScoresAMXBF16, asm.AttentionSoftmaxAMXBF16, asm.AttentionRescaleAMXBF16, asm.AttentionValuesAMXBF16}
}

// transpose32 transposes elements as they are.
func transpose32(src *byte, srcRow, srcTile int, dst *byte, dstRow, dstTile, tiles int, _ *float32) {
	asm.Transpose32AVX512(src, srcRow, srcTile, dst, dstRow, dstTile, tiles)
}

// packPairs interleaves pairs of rows.
func packPairs(src *byte, srcRow int, dst *byte, d int) {
	asm.PackPairsAVX512(src, srcRow, dst, valueGrain/2, d)
}

// packTiles makes transposed tiles of 16 columns and 32 keys.
func packTiles(src *byte, srcRow int, dst *byte, d int) {
	asm.Transpose16AVX512(src, srcRow, 32, dst, 64, 1024, d/16)
}
