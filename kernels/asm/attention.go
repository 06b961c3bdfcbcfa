package asm

// AttentionBlocks is what an AttentionBlock… function works on: 1, 2 or 3 vectors of queries (the number in its name), one per
// lane, and consecutive keys and values. It takes Block keys at a time: their scores, the weights by online softmax, and
// the weighted values, added to the output so far. It changes K, V, Keys, Now, Diagonal, Valid, First
// and Fetch, in AMX everything but LdV, D and Scale.
//
// Rows of scratch hold all queries of the call, those that have no query 0. In functions for bf16 two numbers that follow each
// other along a sum lie in one element of 32 bits: D and Keys are even there, in multiples as follows.
//
//	AVX2, AVX512  float32: Qt is multiplied by log2e/√d, D a multiple of the lanes; in AVX512 with 2 or 3 vectors of 8, 16 at least
//	AVX512BF16    bf16: D is a multiple of 8, of 16 with 1 vector, 16 at least, Keys of 8, V packed in pairs of rows
//	AMXBF16       bf16: D, Keys and Block are multiples of 32, 32 keys behind a block belong to it, V is packed in tiles of 16 columns by 32 keys, each transposed; the
//	              tiles of 32 keys follow each other, then those of the next
//
// It is an alias of a type literal because the generator writes that literal into the stubs: the compiler then checks that
// both agree.
type AttentionBlocks = struct {
	K        *byte    // first key, as it lies in memory
	LdK      int      // bytes from key to key
	V        *byte    // values of the first key, in float32 as they lie in memory
	LdV      int      // bytes from key to key
	Keys     int      // at least 1
	Block    int      // keys at a time
	Now      int      // scratch
	D        int      // elements of a row
	Qt       *byte    // [D] queries in rows of lanes, transposed
	St       *float32 // [Block] scores, then weights; in AVX512 two more rows, which change, in AMX 32, as in Before, and half of them in Weights and Spare
	Ot       *float32 // [D] output before normalisation, transposed; started by First
	State    *float32 // [3] minus the reference maximum, the sum of weights, scratch; zero for new queries
	Diagonal int      // lane i attends the keys ≤ Diagonal + i
	Valid    int      // in bf16: no lane attends a key from here on
	First    int      // not 0: the first keys of these queries
	Scale    float32  // in bf16: log2e/√d, by which scores are multiplied

	Fetch *FetchRange // what is fetched meanwhile, one range after the other; in AMX nil: nothing

	Then int // AMX: the bytes from here to the argument of the next queries, with the same LdV, D, Scale and LdO; 0: none
	Left int // AMX: scratch, as all below but Before, Weights, Spare and Unused

	Before      *float32 // AMX: [Block] scores of the block of keys before; changes places with St
	Weighed     int
	VBefore     *byte
	OtBefore    *float32
	FirstBefore int
	StateBefore *float32

	Weights   *float32 // AMX: [Block] weights of the block of keys before, in pairs; changes places with Spare
	Spare     *float32 // AMX: the same of the block before that
	Done      int
	VDone     *byte
	OtDone    *float32
	FirstDone int

	Pending *byte // AMX: where the tiles of sums go
	Unused  *byte // AMX: four tiles, 4 KiB, that are written and never read

	O         *byte // AMX: the rows of the output, if these are the last keys: Ot divided by the sums of weights; else nil
	LdO       int   // AMX: bytes from row to row
	OBefore   *byte // AMX: scratch, as those that follow
	ODone     *byte
	StateDone *float32
}

// FetchRange is memory that is fetched into L2 before it is needed: From … From+Left-1, a line of 64 bytes at a time. Turns says in which
// steps, a key or in bf16 a pair of them in a tile of columns: the lowest bit counts in the first, the next in the second. All change:
// Turns rotates. A range without turns is the last. In AMX it says how many lines are fetched for each block of keys.
type FetchRange = struct {
	From  uintptr
	Left  int
	Turns uint64
}
