package asm

// NarrowRows is what a NarrowRows…MmKk function works on: it adds to the sums of m rows of C the products of m rows of A with groups of
// k rows of B, of bfloat16 or int8, which lie where they are. All strides are in bytes.
//
// Columns are cut into blocks of 64 bytes of B, then pieces of 16 columns, then a tail of fewer. The sums of a block are 2 vectors
// (bfloat16) or 4 (int8) of each row of A one after the other, in an order of columns that NarrowSums undoes; those of a piece, and of the
// tail, one vector of each row. Of int8, 128·ΣA is in each sum beside the product. Functions …Far take the rows of a group
// from as many parts of B, and of A, those …FarTwice two that follow each other from each of half as many. Those with Wide in the name multiply bfloat16
// widened to float32, and their sums are in another order, for a NarrowOrder…Wide. Those named …Ahead prefetch to L2,
// of parts what lies Ahead of each row. All change A, B and Groups.
type NarrowRows = struct {
	A      *byte // first of m rows, at the first group
	ABytes int   // from row to row
	AStep  int   // of Far: from one element of a group to the next
	B      *byte // first row of the first group
	BBytes int   // from row to row of a group
	BNext  int   // of Far: from group to group; of others groups follow each other
	Sums   *byte
	Groups int // of k rows of B, at least 1
	Blocks int // at least 0
	Pieces int // at least 0
	Tail   int // columns of the tail, 0 to 15

	Ahead      int // of Ahead: from a group to what is prefetched meanwhile
	AheadBytes int // but of Far: of a row of it, a multiple of 512, and then AheadSkip to the next; 0: rows follow each other
	AheadSkip  int
	AheadEnd   int // scratch

	Wide [256]byte // scratch of Wide
}

// NarrowSums is what a NarrowOrder… function works on: the sums of one row, which it writes to C.
type NarrowSums = struct {
	Sums       *byte // of the first block
	BlockBytes int   // from block to block
	Rest       *byte // sums of the first piece, or of the tail
	PieceBytes int   // from piece to piece
	C          *byte
	Blocks     int
	Pieces     int
	Tail       int
	Start      int // of int8, in its lower half: what is added to each sum
}

// NarrowColumns is what a NarrowColumns…NnRr function works on: the dot products along K of panels of r rows of A with n columns of B, into
// n columns of C. B is packed: 64 bytes of each column, then those that follow them, the last ones filled up with zeros.
type NarrowColumns = struct {
	A      *byte // first row
	ABytes int   // from row to row of a panel
	ANext  int   // from panel to panel
	B      *byte
	C      *byte
	CBytes int   // from row to row of a panel
	CNext  int   // from panel to panel
	Steps  int   // of 64 bytes along K, but the last, at least 0
	Rest   int   // elements of the last step, at least 1
	Panels int   // at least 1; the function changes it, A and C
	Starts *byte // of int8, whose A is taken with 128 added: −128·ΣB of each column
}

// NarrowInPlace is what a NarrowInPlace…RrWw function works on: r rows of C from r rows of A, of bfloat16, and rows of B, which lie where they are.
// Tiles of w lines of each row of B lie side by side; their sums are in registers. All strides are in bytes.
type NarrowInPlace = struct {
	A      *byte
	ABytes int // from row to row
	B      *byte
	BBytes int // from row to row
	C      *byte
	CBytes int // from row to row
	Steps  int // of two rows of B, at least 0
	Rest   int // 1: one more row follows
	Tiles  int // at least 1
	Last   int // columns of the last line of each tile, 1 to 32
}

// NarrowTiles is what a NarrowTiles… function works on: few rows of A, times groups of 16 rows of B where they lie. Of a row of A its tile has as many rows as AMX
// takes elements for a group along K, 2 (bfloat16) or 4 (int8): row q has an element of A for each row of B in its place q, and zeros. So the sums of a block of 64
// bytes of B are, of each row of A, those of the columns of each q.
type NarrowTiles = struct {
	Shapes   *byte // 64 bytes for LDTILECFG: tiles 0-3 and 4 have the rows of A's tile, 5-7 have 16
	A        *byte // a tile after the other
	ABytes   int   // of a tile
	B        *byte // first row of the first group
	BBytes   int   // from row to row of a group
	BFirst   int   // from the first group to the second
	BNext    int   // from group to group of others
	Sums     *byte // of the first block
	SumBytes int   // of a block
	Groups   int   // at least 1
	Blocks   int   // of 64 bytes of each row; Down changes it
}
