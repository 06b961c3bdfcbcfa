// Package peercall is the side of a peer that is in the helper process: it loads another library, calls that library's own
// function for an operation on operands of ours, verifies what it computes, and times it.
package peercall
