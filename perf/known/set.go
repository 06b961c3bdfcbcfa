package known

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/perf"
)

// Version changes when kernels change so that verdicts reached with former ones are no longer comparable.
const Version = 1

// Options says what kernels to make.
type Options struct {
	Caches []cache.Level // of the CPU, innermost first; none: no kernels of L1 to L3
	CPU    int           // on which the kernels run
	Memory int64         // most bytes that may be used; 0: 1 GiB
	Quick  bool          // only the quick kernels, which need little memory
}

// Set is the kernels that can run here, with their memory and worker.
type Set struct {
	kernels []*Kernel
	left    []Left
	quick   bool
	pool    *workers.Pool
	ring    []byte // for kernels of the DRAM
	shared  []byte // for streams of the caches
	mapped  [][]byte
	err     error
}

// Left is a kernel that cannot run here.
type Left struct{ Name, Why string }

// smallRing is enough for kernels that flush lines behind them.
const smallRing = 16 * piece

// Open makes the kernels, touches their memory and starts their worker.
func Open(o Options) (*Set, error) {
	if len(computes) == 0 {
		return nil, errors.New("open known work: there are no kernels for this architecture")
	}
	if o.Memory <= 0 {
		o.Memory = 1 << 30
	}
	pool, err := workers.New([]int{o.CPU})
	if err != nil {
		return nil, fmt.Errorf("open known work: %w", err)
	}
	s := &Set{pool: pool, quick: o.Quick}
	homes, why := homes(o.Caches, o.Memory)
	for level, w := range why {
		s.leave("streams of "+level, w)
	}
	ring := int64(smallRing)
	if i := slices.IndexFunc(homes, func(h home) bool { return h.level == memory }); i >= 0 && o.Quick {
		homes = slices.Delete(homes, i, i+1)
	} else if i >= 0 {
		ring = max(ring, homes[i].bytes)
	}
	err = pool.Each(func(int) error { // memory near the worker
		s.ring = s.separate(ring)
		s.computeKernels()
		s.streamKernels(homes)
		s.chainKernels(homes)
		s.flushKernels()
		s.settle()
		return s.err
	})
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("open known work: %w", err)
	}
	s.chooseQuick()
	if o.Quick {
		s.kernels = slices.DeleteFunc(s.kernels, func(k *Kernel) bool { return !k.Quick })
	}
	return s, nil
}

// Kernels returns the kernels, compute ones first.
func (s *Set) Kernels() []*Kernel { return slices.Clone(s.kernels) }

// LeftOut returns what cannot run here, and why.
func (s *Set) LeftOut() []Left { return slices.Clone(s.left) }

// Close gives memory and worker back.
func (s *Set) Close() {
	s.pool.Close()
	for _, m := range s.mapped {
		_ = cache.Unmap(m)
	}
	s.mapped, s.kernels = nil, nil
}

func (s *Set) add(k *Kernel) {
	k.pool = s.pool
	s.kernels = append(s.kernels, k)
}

func (s *Set) leave(name, why string) { s.left = append(s.left, Left{name, why}) }

// separate returns touched memory that nobody else uses.
func (s *Set) separate(bytes int64) []byte {
	mem, err := cache.Map(bytes, cache.Huge)
	if err != nil {
		s.err = errors.Join(s.err, err)
		mem = make([]byte, bytes) // Open fails, but later
	} else {
		s.mapped = append(s.mapped, mem)
	}
	cache.Touch(mem)
	return mem[:bytes]
}

// buffer returns the first bytes of memory that all kernels of the caches share.
func (s *Set) buffer(bytes int64) []byte {
	if int64(len(s.shared)) < bytes {
		s.shared = s.separate(bytes)
	}
	return s.shared[:bytes]
}

// operands returns data for n compute kernels, each aligned to a line.
func (s *Set) operands(n int) []*data {
	const size = (unsafe.Sizeof(data{}) + line - 1) / line * line
	mem := s.separate(int64(size) * int64(n))
	clear(mem)
	all := make([]*data, n)
	for i := range all {
		all[i] = (*data)(unsafe.Pointer(&mem[uintptr(i)*size]))
	}
	return all
}

// settle sends the ring to memory, so that loads find clean lines there.
func (s *Set) settle() {
	for _, c := range flushes {
		if c.op != "load" {
			continue
		}
		once := s.around(func(at, before *byte) { c.run(at, before, piece) })
		for range 2 * len(s.ring) / piece {
			once()
		}
	}
}

// chooseQuick keeps of the fused multiply-adds in the quick set those of the widest registers of each type, and scalar f64.
func (s *Set) chooseQuick() {
	widest := map[string]*Kernel{}
	for _, k := range s.kernels {
		if k.DType != "" && k.Quick {
			widest[k.DType] = k // widths ascend
		}
	}
	for _, k := range s.kernels {
		if k.DType == "f32" || k.DType == "f64" {
			k.Quick = k.Quick && (widest[k.DType] == k || k.DType == "f64" && k.Width == perf.Scalar)
		}
	}
}
