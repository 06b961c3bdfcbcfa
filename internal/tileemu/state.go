package tileemu

import "encoding/binary"

// Limits of palette 1.
const (
	tiles     = 8
	maxRows   = 16
	maxColsb  = 64
	configLen = 64
)

// tile is a register. Bytes beyond its rows and columns are 0.
type tile struct {
	rows, colsb int // both 0: not configured
	data        [maxRows][maxColsb]byte
}

// State is the tiles of one thread. The zero value is that of a thread that has not configured any.
type State struct {
	config [configLen]byte // as sttilecfg stores it
	tiles  [tiles]tile
}

// configure is LDTILECFG of 64 bytes: palette, start row, 14 reserved bytes, the colsb of 16 tiles, the rows of 16 tiles. Tiles 8
// to 15 must be 0. All tiles become 0. In palette 0 the rest does not matter.
func (s *State) configure(c [configLen]byte) error {
	if c[0] > 1 {
		return protection("palette %d", c[0])
	}
	if c[0] == 0 {
		s.release()
		return nil
	}
	for _, reserved := range [][2]int{{2, 16}, {32, 48}, {56, 64}} {
		for i := reserved[0]; i < reserved[1]; i++ {
			if c[i] != 0 {
				return protection("reserved byte %d of the configuration is %d", i, c[i])
			}
		}
	}
	if c[1] != 0 {
		return undefined("not emulated: a start row, %d", c[1])
	}
	var next State
	next.config = c
	for i := range next.tiles {
		t := &next.tiles[i]
		t.colsb, t.rows = int(binary.LittleEndian.Uint16(c[16+2*i:])), int(c[48+i])
		if t.rows > maxRows || t.colsb > maxColsb || (t.rows == 0) != (t.colsb == 0) {
			return protection("tile %d of %d rows of %d bytes", i, t.rows, t.colsb)
		}
	}
	*s = next
	return nil
}

// release is TILERELEASE.
func (s *State) release() { *s = State{} }

// valid is a tile that can be used.
func (s *State) valid(i uint8) (*tile, error) {
	switch {
	case s.config[0] == 0:
		return nil, undefined("no tiles are configured")
	case i >= tiles || s.tiles[i].rows == 0:
		return nil, undefined("tile %d is not configured", i)
	}
	return &s.tiles[i], nil
}

// factors is the three tiles of dst += a·b: rows by columns, rows by groups of 4 bytes, groups by columns.
func (s *State) factors(dst, a, b uint8) (d, x, y *tile, err error) {
	if dst == a || dst == b || a == b {
		return nil, nil, nil, undefined("tiles %d, %d and %d are not three", dst, a, b)
	}
	for _, t := range []struct {
		tile **tile
		i    uint8
	}{{&d, dst}, {&x, a}, {&y, b}} {
		if *t.tile, err = s.valid(t.i); err != nil {
			return nil, nil, nil, err
		}
		if (*t.tile).colsb%4 != 0 {
			return nil, nil, nil, undefined("tile %d has rows of %d bytes, no multiple of 4", t.i, (*t.tile).colsb)
		}
	}
	if d.rows != x.rows || d.colsb != y.colsb || x.colsb != 4*y.rows {
		return nil, nil, nil, undefined("a sum of %d rows of %d bytes, factors of %d rows of %d and %d rows of %d",
			d.rows, d.colsb, x.rows, x.colsb, y.rows, y.colsb)
	}
	return d, x, y, nil
}
