//go:build !amd64

package cpu

import "runtime"

func readRaw() *raw { return &raw{arch: runtime.GOARCH} }
