package asm

// MatmulInPlace is what a MatmulInPlace…WwRr function works on: panels of r rows of A times B, into the rows of C. A, B and C are read
// and written where they lie. Each panel walks from left to right in tiles of w half vectors of columns: w/2 vectors, and one of half
// the length where w is odd. All strides are in bytes, K in elements.
//
// A function whose name ends in Cc sums up c products of every c steps along K apart from each other, for tiles so small that each sum
// would wait for the one before it.
type MatmulInPlace = struct {
	A          *byte // first row, first of K columns
	ABytes     int   // from row to row
	B          *byte // first of K rows
	BBytes     int
	C          *byte
	CBytes     int
	K          int   // at least 1
	Tiles      int   // at least 1
	Lanes      *byte // nil, or a vector of elements: only where one is negative is there a column of the last vector of each tile. Odd w must have it
	Accumulate int   // 0: C = A·B; else C += A·B
	Panels     int   // at least 1
	Ahead      int   // from step to step along K of what is prefetched to L2, from the next panel on
	Far        int   // from the row of B that follows to the one that is prefetched with it, where there are 4 rows and 5 half vectors
	Near       int   // 0: prefetched to L2; 1: to L1, also with 3 and 4 half vectors, and with fewer nothing is, of A neither
	BNext      int   // from the columns of B of a tile to those of the next: w half vectors, or more where they are packed
	Pack       *byte // of functions whose names end in Packs: where whole tiles of B are packed, one after the other, aligned to 64 bytes

	NowA, NowC, NowPanels, Left int // scratch
}

// MatmulColumns is what a MatmulColumns…NnRr function works on: the dot products along K of panels of r rows of A with n columns of B,
// into n columns of C. B is packed: a vector of each column, then the vectors that follow them, the last ones filled up with zeros.
// The rows of a panel may lie far apart: each is then a stream of its own from panel to panel. A single column is read where it lies. Functions
// whose names end in Half are for K of at most half a vector, those in Cc sum up c products of every c vectors apart from each other.
type MatmulColumns = struct {
	A         *byte // first row, first of K columns
	ABytes    int   // between the rows of a panel
	ANext     int   // from panel to panel
	B         *byte
	C         *byte
	CBytes    int   // between the rows of a panel
	CNext     int   // from panel to panel
	Steps     int   // vectors along K, but the last, at least 0
	RestLanes *byte // a vector of elements, negative where there is one of the last vector of a row of A
	Panels    int   // at least 1
	Sums      *byte // what is added to the dot products, panel after panel, row after row; nil: nothing. 32 bytes that follow are read, too
	Ahead     int   // from a row to what is prefetched to L2 with it, where a panel has 4 rows or more; 0: nothing

	NowPanels int // scratch
}

// MatmulShallow is what a MatmulShallow…KkVv function works on: rows of k elements of A times B, of v vectors of columns, into the rows
// of C. All of B is kept in registers. MatmulOuter… takes rows of one element and any number of columns, MatmulShort…KkRr
// rows of k elements, r at once, with any number of columns, of which the last vector is always one with Lanes.
type MatmulShallow = struct {
	A      *byte // first of Rows rows
	ABytes int   // from row to row
	B      *byte // first of k rows
	BBytes int
	C      *byte
	CBytes int
	Rows   int   // at least 1; of MatmulShort…: so many times r
	Lanes  *byte // nil, or a vector of elements: only where one is negative is there a column of the last vector

	Vectors int // of MatmulOuter… and MatmulShort…: whole ones, beside that with Lanes; at least 0
}

// MatmulFlat is what a MatmulFlat…KkWw function works on: rows of k elements of A times B, into the rows of C, in A and C one after the other
// without a gap. C is computed in vectors in the order of memory, whatever rows they are of. These are the same again after a period of
// vectors: the first vector of all periods is computed, then the second.
//
// Two vectors of A are a window. It begins with a row, and the next one with the first row that is not in it as a whole. A vector of C takes w
// of them, or, where that is named 0, no more than the first vector of one.
type MatmulFlat = struct {
	A       *byte // first row
	ANext   int   // from period to period
	B       *byte // first of k rows
	BBytes  int
	BLast   int   // from the first column to that with which the last vector of B's rows ends, at least 0
	BLanes  *byte // a vector of elements, negative where a vector of B's rows has one
	C       *byte
	CNext   int   // from period to period
	Vectors *byte // a FlatVector for each of a period
	Period  int   // so many
	Repeats int   // of the period

	RestA, RestC *byte // then so many periods more from here to there
	RestRepeats  int
}

// FlatVector says what a vector of C is computed from: numbers as long as elements are for its lanes.
type FlatVector struct {
	Elements [64]byte  // where the lane's row begins in its window
	Columns  [64]byte  // of B; those behind the first vector of B's rows are counted from BLast on
	Windows  [4]uint64 // of each window: the lanes with rows in it
	A        int       // bytes from A to the first row
}

// InPlace lists the functions on one element type. Where a list leaves one out it is nil.
type InPlace struct {
	Tiles       [][]func(*MatmulInPlace)                   // [w-1][r-1]
	Packing     []func(*MatmulInPlace)                     // [r-1]: those of two vectors that pack B
	Wide        [][]func(*MatmulInPlace)                   // [r-1], the widths beyond those of Tiles, two half vectors apart
	Chained     [][]func(*MatmulInPlace)                   // [w-1][r-1]: those with several sums of each element
	Permuted    [][]func(*MatmulInPlace)                   // [w-1][r-1]: those that permute elements of A in registers
	Shallow     [][]func(*MatmulShallow)                   // [k-1][v]; v = 0 has half a vector
	Short       [][]func(*MatmulShallow)                   // [k-2][r-1]
	Outer       func(*MatmulShallow)                       // one element
	Flat        [][]func(*MatmulFlat)                      // [w][k-1]
	Columns     [][]func(*MatmulColumns)                   // [n-1], of 1, 2, 4 and 8 rows
	Single      func(*MatmulColumns)                       // one row and column, in several chains
	HalfColumn  func(*MatmulColumns)                       // one column of at most half a vector along K, eight rows
	PackColumns []func(dst, src *byte, srcBytes, rows int) // [n-1]
}
