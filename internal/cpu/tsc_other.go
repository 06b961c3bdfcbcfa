//go:build !amd64

package cpu

func tscHz() float64 { return 0 }
