package asm

// MatmulInPlace is what a MatmulInPlace…Rr function works on: panels of r rows of A times B, into the rows of C. A, B and C are read
// and written where they lie. Each panel walks from left to right: first Tiles tiles of four vectors of columns, then one of Tail columns.
// All strides are in bytes, K and Tail in elements. The function changes A, C and Panels.
type MatmulInPlace = struct {
	A          *byte // first row, first of K columns
	ABytes     int   // from row to row
	B          *byte // first of K rows
	BBytes     int
	C          *byte
	CBytes     int
	K          int   // at least 1
	Tiles      int   // full tiles, at least 0
	Tail       int   // columns of the last tile; 0: none
	TailLanes  *byte // four vectors of elements, the first Tail of them negative
	Accumulate int   // 0: C = A·B; else C += A·B
	Panels     int   // at least 1
	Ahead      int   // from step to step along K of what is prefetched to L2, from the next panel on
	Column     *byte // nil, or a column of B, its K elements side by side: C's column behind the last tile is computed from it by dot products
	Rest       int   // of K, elements beyond whole vectors
	RestLanes  *byte // a vector of elements, the first Rest of them negative
}
