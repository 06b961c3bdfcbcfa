package asm

// MatmulRows is what a MatmulRows…MmKk function works on: it adds to m rows of C the products of m rows of A with groups of
// k rows of B. All strides are in bytes, columns in vectors. The rows of a group may lie far apart: each is then a stream of its
// own from group to group. Those named Ahead prefetch to L2 what lies Ahead of a group, in the order of memory; those named Soon prefetch
// each row soon before it is used. These, and those whose elements of A
// are too many for the registers, with m·k > 24, take neighbouring ones of a row, whatever AStep. The function changes A, B and Groups.
type MatmulRows = struct {
	A         *byte // first of m rows, at the first group
	ABytes    int   // from row to row
	AStep     int   // between the elements that belong to the rows of a group
	ANext     int   // from group to group
	B         *byte // first of k rows
	BBytes    int   // between the rows of a group
	BNext     int   // from group to group
	Ahead     int   // from a group to what is prefetched meanwhile, if anything
	C         *byte
	CBytes    int   // from row to row
	Groups    int   // of k rows of B, at least 1
	Vectors   int   // full vectors of columns, at least 0
	Tail      int   // 0, or columns of a last vector
	TailLanes *byte // a vector of elements, the first Tail of them negative
}
