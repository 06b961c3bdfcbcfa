package asm

// DecodeScratch is the number of scores and weights of a DecodeKeys… function, at most, and what it stores beside them.
const DecodeScratch = 2*512 + 320

// DecodeKeys is what a DecodeKeys… function works on: one query and consecutive keys and values, of which it updates weights
// and output by online softmax. Strides are in bytes. It changes Keys and the fields behind State.
//
//	F32   Q is the query times log2e/√d
//	BF16  the same; Q and O hold, of every two vectors, the even elements before the odd ones
//	INT8  as F32; row j of K is multiplied by KScale[j], row j of V by VScale[j]
//
//	BF16AVX512BF16  Q is D high and D low digits, bf16, of that query. O holds, of every 32 columns, 0 … 3, 8 … 11, 16 … 19,
//	                24 … 27, then the others
//	INT8AVX512VNNI  Q is D high and D low digits, int8, of that query in units, what sums begin with, 2·16 int32, and the unit.
//	                O holds, of every 64 columns, 0 … 3, 16 … 19, 32 … 35, 48 … 51, then 4 … 7 and so on
//
// The functions whose names have Head and a number, for rows of that length, and those that have Rows, for rows of up to that length, do
// all for a query: Q is as it lies in memory, and they write the output. Keys is a multiple of 16, or less than 16, when 16 rows and scales
// must be readable. Those of VNNI take rows that follow each other. O has columns in an order between calls: of BF16AVX512 the even ones
// of every 32 before the odd ones, also of AMXBF16, of the functions that take dot products as above, and of AMXINT8, of every 64, those first
// that stand first in 4 bytes, then those that stand second, and so on.
//
// Those whose names end in Turns read up to 4 KiB of keys and then of values by turns. Others read a key and a value by turns, but for VNNI at
// 128 elements; see Block. Those whose names end in Memory fetch lines 1 KiB ahead into L2; those that end in
// Long do the same as those without, in a longer loop. Of VNNI, those whose names have Wide multiply keys in vectors of 512 bits, the others
// in such of 256; at 128 elements Wide has long loops, and WideFar fetches lines into L1, as do those that end in Far, see Ahead.
//
// It is an alias of a type literal because the generator writes that literal into the stubs: the compiler then checks that
// both agree.
type DecodeKeys = struct {
	Q         *byte
	K         *byte // first key
	LdK       int   // from key to key
	KScale    *float32
	V         *byte // values of the first key
	LdV       int   // from key to key
	VScale    *float32
	Keys      int      // at least 1
	D         int      // elements of a row
	St        *float32 // [DecodeScratch] scores and weights
	Sums      *int32   // [2·D] zero, and left so; used by VNNI only. Head functions set it
	First     int      // not 0: these are the first keys, O and State are not set yet. This and the next two are for Head functions
	Out       *float32 // [D] where to write the output, if these are the last keys; or nil
	Scale     float32  // log2e/√d
	O         *float32 // [D] output before normalisation; of functions for Rows, as many as their name says
	State     *float32 // 8 vectors: the reference maximum (the lowest number to begin with), the sums of weights, those of VNNI (0)
	Next      int      // these are places in K, V and the scales, and numbers of keys
	Now       int
	NextK     int
	NextScale int
	NowV      int
	NowScale  int
	Skip      int // of a call of 16 keys, how many it leaves out at first. For Head functions
	Block     int // steps of 16 keys whose values follow each other, 1 … 64; for Head functions of VNNI
	Ahead     int // how many bytes before a line is read it is fetched into L1. For functions that end in Far
	Infinite  int // AMXBF16 makes it other than 0 where some of the output is infinite or no number, and then it may be wrong
}
