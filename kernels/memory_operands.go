package kernels

import "unsafe"

// operandRoom is where the operands of one instance lie. From an eighth of a huge page on, all together, those that do not fill a huge page
// lie behind each other on huge pages, like the memory that bandwidth of such a size is measured on: physical addresses choose the sets of
// L2, base pages from anywhere crowd some of them, and a process draws its luck once. Larger ones have huge pages of their own.
type operandRoom struct {
	left []byte // nil where each operand has memory of its own
}

// newOperandRoom makes room for operands of so many bytes, to be taken in this order.
func newOperandRoom(bytes ...int) *operandRoom {
	shared := 0
	for _, n := range bytes {
		if n < hugePage {
			shared += wholePages(n)
		}
	}
	if shared < hugePage/8 {
		return &operandRoom{}
	}
	return &operandRoom{alloc[byte](max(shared, hugePage))[:shared]}
}

// wholePages is n bytes rounded up to pages.
func wholePages(n int) int { return (n + page - 1) / page * page }

// take returns the next operand: n zero elements, from a page on.
func take[T element](r *operandRoom, n int) []T {
	bytes := n * sizeof[T]()
	if r.left == nil || bytes >= hugePage {
		return alloc[T](n)
	}
	s := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(r.left))), n)
	r.left = r.left[wholePages(bytes):]
	return s[:n:n]
}
