//go:build !amd64

package cache

var assembly []Probe
