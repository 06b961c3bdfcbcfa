package cache

// Invented reports whether levels, on a hypervisor of that name ("": none), are those that QEMU describes where nobody told it to describe its
// host's: 32 KiB of L1 and 4 MiB of L2, for AMD 64 KiB in two ways and 512 KiB, and 16 MiB of L3 or none, whatever the processor has
// (target/i386/cpu.c, legacy caches). No processor with AVX2 has those of AMD, and of the others L2 that large belongs to several small cores.
func Invented(levels []Level, hypervisor string) bool {
	if hypervisor == "" || len(levels) < 2 || len(levels) > 3 {
		return false
	}
	is := func(l Level, level int, bytes int64, ways int) bool {
		return l.Level == level && l.Bytes == bytes && l.Ways == ways && l.Source != Measured
	}
	l1, l2 := levels[0], levels[1]
	intel := is(l1, 1, 32<<10, 8) && is(l2, 2, 4<<20, 16)
	amd := is(l1, 1, 64<<10, 2) && is(l2, 2, 512<<10, 16)
	return (intel || amd) && (len(levels) == 2 || levels[2].Source == Measured || is(levels[2], 3, 16<<20, 16))
}
