package kernels

import "encoding/binary"

// tileShapes are the configurations of AMX tiles for whole tiles of C and for the last columns: 64 bytes each, as LDTILECFG
// takes them. tmm0-3 are C's 2×2 tiles, tmm4, 5 A's rows, tmm6, 7 B's columns.
type tileShapes struct {
	config [2][64]byte
	of     [2]int // rows, columns of the last tile
}

// set makes the shapes for panels of rows and a last tile of tail columns.
func (s *tileShapes) set(rows, tail int) {
	if s.of == [2]int{rows, tail} {
		return
	}
	s.of = [2]int{rows, tail}
	for i, cols := range [2]int{32, tail} {
		s.config[i] = [64]byte{0: 1} // palette
		for t, shape := range [8][2]int{
			{min(rows, 16), min(cols, 16)}, {min(rows, 16), cols - 16}, {rows - 16, min(cols, 16)}, {rows - 16, cols - 16},
			{min(rows, 16), 16}, {rows - 16, 16},
			{16, min(cols, 16)}, {16, cols - 16},
		} {
			if shape[0] > 0 && shape[1] > 0 {
				binary.LittleEndian.PutUint16(s.config[i][16+2*t:], uint16(4*shape[1]))
				s.config[i][48+t] = byte(shape[0])
			}
		}
	}
}

// callFLOPs bounds the work of one call of AMX code: a millisecond at 0.25 TFLOP/s, a quarter of what is the least to be
// expected, unless one panel is more.
const callFLOPs = 0.25e9

// shape completes the arguments of a call from panel q on, and returns how many panels it takes: as many as have the same
// height, lie in A as they are and stay below callFLOPs.
func (t *tiled[I, O]) shape(q, rows, panels, cols, depth int) int {
	t.shapes.set(rows, t.args.Tail)
	t.args.Shapes = &t.shapes.config[0][0]
	n := 1
	if !t.copyA {
		most := int(callFLOPs / float64(2*rows*cols*depth))
		for n < most && q+n < panels {
			if from, to := share(t.mine.rows, 1, panels, q+n); to-from != rows {
				break
			}
			n++
		}
	}
	t.args.Rows, t.args.Panels = rows, n
	return n
}
