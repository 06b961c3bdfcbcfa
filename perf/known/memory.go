package known

import (
	"fmt"
	"math/rand/v2"
	"unsafe"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/units"
)

// memory is the outermost home.
const memory = cache.Memory

// home is a level together with the size of a buffer that it serves.
type home struct {
	level string
	bytes int64 // of the buffer
	inner int64 // bytes of the cache inside it
}

// homes finds buffers for the levels: half of L1, eight times the level inside (at least four times) and at most half of the
// level itself, four times the last cache for the memory; a measured L3 is home to nothing. why says of each level that has none why.
func homes(caches []cache.Level, most int64) (list []home, why map[string]string) {
	why = map[string]string{}
	inner := int64(0)
	for _, c := range caches {
		level := fmt.Sprintf("L%d", c.Level)
		size := c.Bytes / 2
		if inner > 0 {
			size = 8 * inner
			if size > c.Bytes/2 {
				size = 4 * inner
			}
		}
		switch {
		case c.Source == cache.Measured && c.Level > 2:
			why[level] = fmt.Sprintf("nothing describes %s, and what was measured of it changes with its neighbours", level)
		case size > c.Bytes/2:
			why[level] = fmt.Sprintf("%s of %s is not eight times the %s inside it", level, units.Bytes(c.Bytes), units.Bytes(inner))
		default:
			list = append(list, home{level, size / block * block, inner})
		}
		inner = c.Bytes
	}
	switch ring := 4 * inner; {
	case inner == 0:
		why[memory] = "the caches are not known"
	case ring > most:
		why[memory] = fmt.Sprintf("four times the last cache, %s, is more memory than may be used (%s)", units.Bytes(ring), units.Bytes(most))
	default:
		list = append(list, home{memory, (ring + piece - 1) / piece * piece, inner})
	}
	return list, why
}

// around makes the run of a kernel that walks the ring piece by piece, a piece a call; f gets the piece and the one before it.
func (s *Set) around(f func(at, before *byte)) func() {
	n := len(s.ring) / piece
	i := 0
	return func() {
		f(&s.ring[i*piece], &s.ring[(i+n-1)%n*piece])
		i = (i + 1) % n
	}
}

// tie writes a pointer into the first line of every stride bytes of mem, so that they make one cycle in random order, and
// returns the place of one. mem must lie outside Go's heap.
func tie(mem []byte, stride int) *byte {
	slots := len(mem) / stride
	order := rand.New(rand.NewPCG(1, 2)).Perm(slots)
	at := func(i int) unsafe.Pointer { return unsafe.Pointer(&mem[order[i%slots]*stride]) }
	for i := range slots {
		*(*unsafe.Pointer)(at(i)) = at(i + 1)
	}
	return (*byte)(at(0))
}

func offset(p *byte, n int) *byte { return (*byte)(unsafe.Add(unsafe.Pointer(p), n)) }
