package kernels

import "github.com/roofline-go/roofline/kernels/asm"

func init() {
	decodeF32AVX2.any = decodeHead{block: asm.DecodeKeysF32AVX2}
	decodeBF16AVX2.any = decodeHead{block: asm.DecodeKeysBF16AVX2, place: evenFirst}
	decodeINT8AVX2.any = decodeHead{block: asm.DecodeKeysINT8AVX2}
	decodeINT8AVX512.any = decodeHead{block: asm.DecodeKeysINT8AVX512}

	decodeF32AVX512.any = decodeHead{block: asm.DecodeKeysF32AVX512}
	decodeF32AVX512.heads = map[int]decodeHead{
		64: {
			block: asm.DecodeKeysF32AVX512Head64, partly: asm.DecodeKeysF32AVX512Head64Turns, memory: asm.DecodeKeysF32AVX512Head64Memory,
			full: asm.DecodeKeysF32AVX512Head64Long, whole: true,
		},
		80: {block: asm.DecodeKeysF32AVX512Head80, memory: asm.DecodeKeysF32AVX512Head80Memory, full: asm.DecodeKeysF32AVX512Head80, whole: true},
		96: {block: asm.DecodeKeysF32AVX512Head96, memory: asm.DecodeKeysF32AVX512Head96Memory, full: asm.DecodeKeysF32AVX512Head96, whole: true},
		128: {
			block: asm.DecodeKeysF32AVX512Head128, partly: asm.DecodeKeysF32AVX512Head128Turns, memory: asm.DecodeKeysF32AVX512Head128Memory,
			full: asm.DecodeKeysF32AVX512Head128, whole: true,
		},
	}
	for _, rows := range []struct {
		most int
		f32  decodeBlock
		bf16 decodeBlock
	}{
		{32, asm.DecodeKeysF32AVX512Rows32, asm.DecodeKeysBF16AVX512BF16Rows32},
		{64, asm.DecodeKeysF32AVX512Rows64, asm.DecodeKeysBF16AVX512BF16Rows64},
		{96, asm.DecodeKeysF32AVX512Rows96, asm.DecodeKeysBF16AVX512BF16Rows96},
		{128, asm.DecodeKeysF32AVX512Rows128, asm.DecodeKeysBF16AVX512BF16Rows128},
		{192, asm.DecodeKeysF32AVX512Rows192, asm.DecodeKeysBF16AVX512BF16Rows192},
		{256, asm.DecodeKeysF32AVX512Rows256, asm.DecodeKeysBF16AVX512BF16Rows256},
	} {
		decodeF32AVX512.rows = append(decodeF32AVX512.rows, decodeRows{rows.most, decodeHead{block: rows.f32, whole: true}})
		decodeBF16Dot.rows = append(decodeBF16Dot.rows, decodeRows{rows.most, decodeHead{block: rows.bf16, place: quarters(2), whole: true, weights: twoBF16}})
	}
	decodeBF16AVX512.any = decodeHead{block: asm.DecodeKeysBF16AVX512, place: evenFirst}
	decodeBF16AVX512.heads = map[int]decodeHead{
		64:  {block: asm.DecodeKeysBF16AVX512Head64, place: evenFirst, whole: true},
		96:  {block: asm.DecodeKeysBF16AVX512Head96, place: evenFirst, whole: true},
		128: {block: asm.DecodeKeysBF16AVX512Head128, place: evenFirst, whole: true},
	}
	decodeBF16Dot.any = decodeHead{
		block: asm.DecodeKeysBF16AVX512BF16, query: asm.DecodeQueryBF16AVX512BF16, place: quarters(2), weights: twoDigits,
	}
	decodeBF16Dot.heads = map[int]decodeHead{
		64: {
			block: asm.DecodeKeysBF16AVX512BF16Head64, partly: asm.DecodeKeysBF16AVX512BF16Head64Turns,
			full: asm.DecodeKeysBF16AVX512BF16Head64Long, fetch: asm.DecodeKeysBF16AVX512BF16Head64Far,
			place: quarters(2), whole: true, weights: twoBF16,
		},
		96: {
			block: asm.DecodeKeysBF16AVX512BF16Head96, partly: asm.DecodeKeysBF16AVX512BF16Head96Turns,
			full: asm.DecodeKeysBF16AVX512BF16Head96Long, fetch: asm.DecodeKeysBF16AVX512BF16Head96Far,
			place: quarters(2), whole: true, weights: twoBF16,
		},
		128: {
			block: asm.DecodeKeysBF16AVX512BF16Head128, partly: asm.DecodeKeysBF16AVX512BF16Head128Turns,
			full: asm.DecodeKeysBF16AVX512BF16Head128Long, fetch: asm.DecodeKeysBF16AVX512BF16Head128Far,
			place: quarters(2), whole: true, weights: twoBF16,
		},
	}
	decodeINT8VNNI.any = decodeHead{
		block: asm.DecodeKeysINT8AVX512VNNI, query: asm.DecodeQueryINT8AVX512VNNI, place: quarters(4), weights: twoDigits,
	}
	decodeINT8VNNI.heads = map[int]decodeHead{
		64: {
			block: asm.DecodeKeysINT8AVX512VNNIHead64, wide: asm.DecodeKeysINT8AVX512VNNIHead64Wide,
			place: quarters(4), whole: true, dense: true, weights: twoDigits,
		},
		128: {
			block: asm.DecodeKeysINT8AVX512VNNIHead128, wide: asm.DecodeKeysINT8AVX512VNNIHead128Wide,
			far:   asm.DecodeKeysINT8AVX512VNNIHead128WideFar,
			place: quarters(4), whole: true, dense: true, weights: twoDigits,
		},
	}
	decodeINT8VNNI8.any = decodeINT8VNNI.any
	decodeINT8VNNI8.heads = map[int]decodeHead{
		64: {
			block: asm.DecodeKeysINT8AVX512VNNI8Head64, wide: asm.DecodeKeysINT8AVX512VNNI8Head64Wide,
			place: quarters(4), whole: true, dense: true, weights: oneDigit,
		},
		128: {
			block: asm.DecodeKeysINT8AVX512VNNI8Head128, wide: asm.DecodeKeysINT8AVX512VNNI8Head128Wide,
			far:   asm.DecodeKeysINT8AVX512VNNI8Head128WideFar,
			place: quarters(4), whole: true, dense: true, weights: oneDigit,
		},
	}
	decodeBF16AMX.any, decodeBF16AMX.rows = decodeBF16Dot.any, decodeBF16Dot.rows
	decodeBF16AMX.heads = map[int]decodeHead{
		64:  {block: asm.DecodeKeysAMXBF16Head64, place: evenFirst, whole: true, weights: twoBF16},
		96:  {block: asm.DecodeKeysAMXBF16Head96, place: evenFirst, whole: true, weights: twoBF16},
		128: {block: asm.DecodeKeysAMXBF16Head128, place: evenFirst, whole: true, weights: twoBF16},
	}
	decodeINT8AMX.any = decodeINT8VNNI.any
	decodeINT8AMX.heads = map[int]decodeHead{
		64:  {block: asm.DecodeKeysAMXINT8Head64, place: fours, whole: true, weights: twoDigits},
		128: {block: asm.DecodeKeysAMXINT8Head128, place: fours, whole: true, weights: twoDigits},
	}
}
