package cache

import "github.com/klauspost/cpuid/v2"

// fromCPUID reads the sizes that the processor itself reports (leaf 4 on Intel, 0x8000001D on AMD).
func fromCPUID() []Level {
	c := cpuid.CPU.Cache
	var levels []Level
	for i, bytes := range []int{c.L1D, c.L2, c.L3} {
		if bytes <= 0 {
			continue
		}
		l := Level{Level: i + 1, Type: "unified", Bytes: int64(bytes), Line: cpuid.CPU.CacheLine}
		if i == 0 {
			l.Type = "data"
		}
		levels = append(levels, l)
	}
	return levels
}
