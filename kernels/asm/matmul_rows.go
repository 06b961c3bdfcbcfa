package asm

// MatmulRows is what a MatmulRows…MmKk function works on: it adds to m rows of C the products of m rows of A with groups of
// k rows of B. All strides are in bytes, columns in vectors. The function changes A, B and Groups.
type MatmulRows = struct {
	A         *byte // first of m rows, at the first group
	ABytes    int   // from row to row
	B         *byte // first of k rows
	BBytes    int
	C         *byte
	CBytes    int
	Groups    int   // of k rows of B, at least 1
	Vectors   int   // full vectors of columns, at least 0
	Tail      int   // 0, or columns of a last vector
	TailLanes *byte // a vector of elements, the first Tail of them negative
}
