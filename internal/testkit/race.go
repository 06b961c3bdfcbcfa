//go:build race

package testkit

// Race says that the race detector watches: what runs in one goroutine is left to runs without it, which are many times as fast.
const Race = true
