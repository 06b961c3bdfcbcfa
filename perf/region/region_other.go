//go:build !linux

package region

// Counting needs Linux; elsewhere regions are no-ops, so that marked programs build.

const active = false

type thread struct{}

func start(string) Region { return Region{} }

func (Region) end() {}
