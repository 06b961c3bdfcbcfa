// Package flops says what an instruction counts as: operations by precision and width, what the processor's own counters
// would add, and its class for the instruction mix.
//
// Glossary:
//
//	lane          one element of the result; a masked lane that is off executes nothing
//	operation     one rounding: an addition, a multiplication, a minimum; a fused multiply-add is two
//	PMU           what FP_ARITH_INST_RETIRED counts: instructions, a fused multiply-add and a dot product twice,
//	              whatever the mask; times the lanes it is the counter's idea of FLOPs
//	width         scalar, 128, 256, 512 bits, or a tile
//	class         what kind of execution unit an instruction asks for
//
// Executed operations are additions, subtractions, multiplications, divisions, square roots, minima, maxima and the
// approximations of reciprocals, which is also the list that Intel gives for FP_ARITH_INST_RETIRED. Comparisons,
// conversions, rounding to integers, and moves are none. Dot products of BF16 and of integers, and tile products, are
// counted here and not by FP_ARITH_INST_RETIRED; FP16 has a counter of its own (FP_ARITH_INST_RETIRED2).
package flops
