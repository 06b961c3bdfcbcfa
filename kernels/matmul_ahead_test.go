package kernels

import (
	"testing"
	"unsafe"

	"github.com/roofline-go/roofline/kernels/asm"
)

// TestAhead walks the calls as the code does, and looks for every line of each block of B but the first among what was fetched before its first panel.
func TestAhead(t *testing.T) {
	small, large := caches{l1: 32 << 10, l1Ways: 8, l2: 32 << 10, last: 1 << 20}, caches{l1: 32 << 10, l1Ways: 8, l2: 2 << 20, last: 1 << 24}
	t.Run("down", func(t *testing.T) { testAhead(t, small, 0) })
	t.Run("along", func(t *testing.T) { testAhead(t, large, 1) })
}

func testAhead(t *testing.T, c caches, share int) {
	for _, s := range [][3]int{{512, 256, 256}, {500, 250, 192}, {700, 161, 100}, {480, 96, 300}, {1102, 249, 291}, {1607, 249, 90}} { // panels of the last two are of two heights
		m, n, k := s[0], s[1], s[2]
		p := &product[float32, float32]{
			a: matrix[float32]{alloc[float32](m * k), m, k, k}, b: matrix[float32]{alloc[float32](k * n), k, n, n}, c: matrix[float32]{alloc[float32](m * n), m, n, n},
		}
		u := &microKernel{rows: 12, cols: 32, depth: 64, fuse: always, share: share, copiesNext: true, endSteps: 2}
		fetched := map[uintptr]bool{}
		blocks, missing := 0, 0
		for rows := 1; rows <= u.rows; rows++ {
			u.panels = append(u.panels, func(args *asm.MatmulPanel) {
				if args.Raw != nil {
					for r := range args.K {
						for d := 0; d < args.Tiles*u.cols*4 && blocks > 0; d += 64 {
							if !fetched[uintptr(unsafe.Pointer(args.Raw))+uintptr(r*args.RawBytes+d)] {
								missing++
							}
						}
					}
					blocks++
					return
				}
				for range args.Tiles * min(rows*args.Rounds, (args.K-u.endSteps)/args.Pace) {
					at := uintptr(unsafe.Pointer(args.Fetch)) + uintptr(args.FetchFrom+args.Fetched)
					fetched[at], fetched[at+64] = true, true
					if args.Fetched += args.FetchBytes; args.Fetched >= args.FetchSpan {
						args.FetchFrom, args.Fetched = args.FetchFrom+args.FetchNext, 0
					}
				}
			})
		}
		newTiled(p, u, block{0, m, 0, n}, c).run()
		if blocks < 4 || missing > 0 {
			t.Errorf("%v: %d blocks, %d lines were not fetched before they are packed", s, blocks, missing)
		}
	}
}
