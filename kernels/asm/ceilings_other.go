//go:build !amd64

package asm

// Loops lists no loop: the package is empty on this architecture.
func Loops() []Loop { return nil }
