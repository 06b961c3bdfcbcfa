package analysis

import (
	"fmt"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
)

// lines of an array that moved at a level, for sentences.
func describe(a roofline.CacheArray) string {
	if a.Array == "other" {
		return "memory outside the operands"
	}
	if a.Size > 0 {
		return fmt.Sprintf("%s (%s)", a.Array, units.Bytes(a.Size))
	}
	return a.Array
}

// caches are the simulated levels, nil where there are none.
func (m *model) caches() []roofline.CacheLevel {
	if m.kernel.Analysis == nil {
		return nil
	}
	return m.kernel.Analysis.Caches
}

// strided finds arrays of whose lines only a few bytes are used before they leave L1.
func strided(m *model) (found []roofline.Finding) {
	caches := m.caches()
	if len(caches) < 2 {
		return nil
	}
	for _, a := range caches[0].Arrays {
		if a.Misses == 0 || a.Misses < 0.5*a.Accesses || a.Misses < 0.02*caches[0].Total.Misses {
			continue
		}
		used := a.Bytes / a.Misses // bytes that the core moves for each line
		if used >= line/2 {
			continue
		}
		factor := used / line
		found = append(found, m.cure(roofline.Finding{
			ID: "strided-access", Cause: fmt.Sprintf("accesses to %s have a stride: of each line of %d B only %.0f B are used", describe(a), line, used),
			Evidence: []string{fmt.Sprintf("%s of %s accesses miss L1 (simulated), %.1f B used of a line", amount(a.Misses), amount(a.Accesses), used)},
			Next:     fmt.Sprintf("walk through %s in the order of its memory: exchange the loops, transpose or pack it first", a.Array),
		}, func(x *facts) {
			for _, l := range caches[1:] {
				for _, b := range l.Arrays {
					if b.Array == a.Array {
						x.traffic[l.Level] -= b.Bytes * (1 - factor)
					}
				}
			}
		})...)
	}
	return found
}

// conflicts finds misses that a cache of the same size would not have if any line could go anywhere.
func conflicts(m *model) (found []roofline.Finding) {
	caches := m.caches()
	for i := range caches {
		if i+1 >= len(caches) {
			break
		}
		l, outside := caches[i], caches[i+1]
		if l.Total.Misses == 0 || l.Total.Conflict < 0.2*l.Total.Misses {
			continue
		}
		var names []string
		for _, a := range l.Arrays {
			if a.Conflict >= 0.1*l.Total.Conflict {
				names = append(names, describe(a))
			}
		}
		share := l.Total.Conflict / l.Total.Misses
		found = append(found, m.cure(roofline.Finding{
			ID: "power-of-two-conflict", Cause: fmt.Sprintf("%.0f %% of the misses of %s are conflicts: rows a power of two apart share a few sets", 100*share, l.Level),
			Evidence: []string{
				fmt.Sprintf("%s of %s misses of %s would hit in a fully associative cache of its size (simulated)", amount(l.Total.Conflict), amount(l.Total.Misses), l.Level),
				"in " + strings.Join(names, ", "),
			},
			Next: "pad the rows by one line (a leading dimension that is no multiple of 4 KiB), or copy the block into contiguous memory first",
		}, func(x *facts) { x.traffic[outside.Level] *= 1 - share })...)
	}
	return found
}

// streamingStores finds arrays that are read from memory only because they are written.
func streamingStores(m *model) []roofline.Finding {
	caches := m.caches()
	if len(caches) < 2 || m.traffic["DRAM"] == 0 {
		return nil
	}
	memory := caches[len(caches)-1]
	var allocated float64
	var names []string
	for _, a := range memory.Arrays {
		if a.Stores > 0 && a.Stores >= 0.9*a.Accesses && a.WriteBacks > 0 { // never loaded
			allocated += a.Stores * line
			names = append(names, describe(a))
		}
	}
	if allocated < 0.1*memory.Total.Bytes {
		return nil
	}
	return m.cure(roofline.Finding{
		ID: "no-streaming-stores", Cause: fmt.Sprintf("memory is read only to be overwritten (write-allocate): %s", strings.Join(names, ", ")),
		Evidence: []string{fmt.Sprintf("%s of %s of DRAM traffic are such reads (simulated)", units.Bytes(int64(allocated)), units.Bytes(int64(memory.Total.Bytes)))},
		Next:     "write it with non-temporal stores (movnt, _mm_stream_*), or write it while it is still in a cache",
	}, func(x *facts) {
		for level := range x.traffic {
			if level == "DRAM" || level == "L3" {
				x.traffic[level] = max(x.traffic[level]-allocated, 0)
			}
		}
	})
}

// unblocked finds operands that come from a level again and again, and working sets that just miss fitting into one.
func unblocked(m *model) (found []roofline.Finding) {
	caches := m.caches()
	for i := 1; i < len(caches); i++ {
		l, inside := caches[i], caches[i-1]
		for _, a := range l.Arrays {
			passes := 0.0
			if a.Size > 0 {
				passes = a.Bytes / float64(a.Size)
			}
			if passes < 3 || a.Bytes < 0.2*l.Total.Bytes || strideOf(caches[0], a.Array) < line/2 ||
				a.Stores >= 0.9*a.Accesses { // written only
				continue
			}
			f := roofline.Finding{
				ID: "no-blocking", Cause: fmt.Sprintf("%s sends %s %.1f times in a call", l.Level, describe(a), passes),
				Evidence: []string{fmt.Sprintf("%s of it cross the boundary between %s and %s (simulated), its size is %s", units.Bytes(int64(a.Bytes)), inside.Level, l.Level, units.Bytes(a.Size))},
				Next:     fmt.Sprintf("block the loops so that a part of it stays in %s (%s) while it is used; twice the rows at a time halve the traffic", inside.Level, units.Bytes(inside.Size)),
			}
			switch size := float64(a.Size) / float64(inside.Size); {
			case size <= 1: // not where the size of the cache is not known: +Inf
				f.Cause += fmt.Sprintf(", though %s (%s) could hold all of it", inside.Level, units.Bytes(inside.Size))
				f.Next = "use it again before other data displace it: take smaller blocks of what is used beside it; twice the rows at a time halve the traffic"
			case size <= 1.5:
				f.ID = "just-beyond-" + strings.ToLower(inside.Level)
				f.Cause = fmt.Sprintf("%s sends %s, just larger than %s (%s), %.1f times in a call", l.Level, describe(a), inside.Level, units.Bytes(inside.Size), passes)
			}
			found = append(found, m.cure(f, func(x *facts) { x.traffic[l.Level] -= a.Bytes / 2 })...)
		}
	}
	return found
}

// strideOf is the bytes used of each line of an array that L1 takes in; a whole line where it takes none.
func strideOf(l1 roofline.CacheLevel, array string) float64 {
	for _, a := range l1.Arrays {
		if a.Array == array && a.Misses > 0 && a.Misses >= 0.5*a.Accesses {
			return a.Bytes / a.Misses
		}
	}
	return line
}
