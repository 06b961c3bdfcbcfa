//go:build amd64 || arm64

// Package loop has a loop whose instructions can be counted by hand.
package loop

// Turn makes n turns of two instructions each.
func Turn(n uint64)
