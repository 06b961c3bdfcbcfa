//go:build !linux || !(amd64 || arm64)

package main

func main() { panic("probe runs on Linux, amd64 or arm64") }
