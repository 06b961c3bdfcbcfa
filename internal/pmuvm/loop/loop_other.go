//go:build !(amd64 || arm64)

// Package loop has a loop whose instructions can be counted by hand.
package loop

// Turn makes n turns; how many instructions each has is for the compiler to decide here.
func Turn(n uint64) {
	for range n {
	}
}
