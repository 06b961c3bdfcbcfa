package asm

// MatmulPanel is what a Matmul… function works on: a panel of R rows of A (R is the last part of the function's name)
// times slivers of B, into R rows of C. A sliver is K rows of two vectors, or of one vector for the last Tail columns when
// they fit in one. All strides and sizes named Bytes are in bytes, K and Tail in elements.
//
// The function walks from left to right: first Tiles tiles of two vectors of columns, then one of Tail columns. It
// changes NextA, Raw, Copy, Tiles, FetchFrom, Fetched and scratch. In AVX2 and on narrow elements it takes further Panels of R rows below the first, of which
// nothing is copied, and changes A, C, Starts, NextEnd and Panels, too.
//
// Functions on narrow elements read groups of K: pairs of bfloat16, four int8. A row of a sliver is such a group of 32
// columns, K counts groups, and all slivers have two vectors. A row of A must hold whole groups, but where Shift is not 0: then a last one
// follows K of them, of fewer elements, and those before it belong to the row.
//
// Functions of AMX take a panel of up to 32 rows, R16 up to 16, and K in steps of 64 bytes of a row of A. A row of a sliver is
// such a step: two tiles of 16 rows of 64 bytes. They take further panels below the first, and change scratch only.
// Their loads of B ask for room in L2 only, or, with Pass in the name, those of A. With Near neither do, panels pass the slivers from left
// to right and from right to left by turns, and there are at least 2 Tiles and no Tail.
//
// With Chunks in the name a panel stays in L1, what is in C is added by vectors, and Buffer is not nil.
//
// With Lines in the name B holds the packed slivers of the columns that share a line, one of bfloat16 or two of int8, and has room for as many
// more, from a multiple of 1024 bytes on. Raw is where the next line's columns are in B, which are packed meanwhile. There are Below lines, at least 1,
// and no Tail, Accumulate is 0, and panels have 17 to 32 rows. Again in the name says that A is loaded into L1.
//
// It is an alias of a type literal because the generator writes that literal into the stubs: the compiler then checks
// that both agree.
type MatmulPanel = struct {
	A          *byte // first row, first of K columns; read in place
	ABytes     int   // from row to row
	B          *byte // packed slivers, one after the other
	Raw        *byte // nil, or where B's first row is: full slivers are then read from here and left packed in B
	RawBytes   int   // from row to row
	C          *byte
	CBytes     int   // from row to row
	K          int   // at least 1
	Tiles      int   // full tiles, at least 0
	Tail       int   // columns of the last tile; 0: none. Its sliver must have been packed
	TailLanes  *byte // two vectors of elements, the first Tail of them negative
	Accumulate int   // 0: C = A·B; else C += A·B
	NextA      *byte // first row of the panel after this one, to be prefetched in pieces of two vectors from each row
	NextEnd    *byte // NextA is not advanced beyond this
	NextBytes  int   // from row to row
	Pace       int   // steps along K from one prefetch of a row of C and of a piece of NextA to the next, at least 1; AMX with Near, Pass or Lines in the name: 0, or each step brings eight times as many rows of C into L1, with Near instead of B; 1 to 4
	Starts     *byte // int8 without tiles: what the sums of each row start from, int32
	Rows       int   // AMX: of a panel
	Panels     int   // AMX: how many, at least 1; AVX2, and bfloat16 and int8 without tiles: how many of the same height, one below the other
	Shapes     *byte // AMX: two configurations of tiles, for full tiles and for the last one
	Turn       int   // AMX: a full tile is summed up from the last step to the first when the number of those left, itself included, plus Turn is odd; with Lines those of all lines count
	Below      int   // AMX: how many panels from NextA on are prefetched into L2, each while the one above it is multiplied; with Lines in the name: how many lines
	Buffer     *byte // AMX: 4 KiB through which full tiles go to C, or nil

	Rounds    int   // how many pieces of each row of the next panel are prefetched during a tile, at least 1
	Copy      *byte // nil, or where the piece before NextA's first is copied to from the first row, then its successors
	CopyEnd   *byte // Copy is not advanced beyond this
	CopyBytes int   // from row to row of the copy

	Left, NowA, NowC, NowPanels, NowBelow, NowNext, NowK, NowCopy, NowJump int // scratch

	Shift int // bfloat16 and int8 without tiles: bits that a group after the last whole one lacks; 0: there is none. K may be 0 with it

	Fetch      *byte // without tiles: with each prefetch of a row of C, 128 bytes at FetchFrom + Fetched from here are fetched into L2
	FetchBytes int   // from such bytes to the next
	Fetched    int   // how far they have come
	FetchSpan  int   // where Fetched ends: FetchFrom then goes on by FetchNext, and Fetched is 0 again
	FetchFrom  int   // may leave B
	FetchNext  int

	Across int   // Tiles of each of several panels; AMX: how many rows a panel begins below the one above, up to Rows
	Span   int   // from NextA to NextEnd
	After  *byte // NextA of the last one; of the others it is what follows them

	Idle [128]byte // scratch of AMX, with a whole line wherever it begins
}
