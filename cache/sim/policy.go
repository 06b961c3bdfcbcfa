package sim

import (
	"fmt"
	"math/bits"
)

// Policy is the rule by which a set chooses the line to displace. Empty ways are always filled first.
type Policy uint8

// The policies. Sources: A. Abel and J. Reineke, "nanoBench: A Low-Overhead Tool for Running Microbenchmarks on x86
// Systems", ISPASS 2020, where the QLRU names are defined; measured per processor at https://uops.info/cache.html.
const (
	// LRU displaces the line whose last use is the longest ago.
	LRU Policy = iota
	// TreePLRU approximates it by a binary tree of bits that point away from recent uses. Ways = odd × 2^k make odd trees
	// of 2^k leaves in the order of their last use (12 ways: LRU3PLRU4, the L1 of Ice Lake).
	TreePLRU
	// QLRUH11M1R0U0 is the L3 of Skylake to Coffee Lake. Lines have an age of 0 to 3; a hit makes 3 and 2 to 1, 1 to 0; a
	// miss fills the first line of age 3 and gives age 1; then all ages rise until one is 3.
	QLRUH11M1R0U0
	// QLRUH00M1R0U1 is the L2 of Cannon Lake and Ice Lake, and the fixed sets of Ice Lake's L3: any hit gives age 0, and the
	// line just used does not rise with the others.
	QLRUH00M1R0U1
	// QLRUH00M1R2U1 is the L2 of Skylake to Coffee Lake: as before, but empty ways fill from the last to the first.
	QLRUH00M1R2U1
)

var policies = []string{"LRU", "tree-PLRU", "QLRU_H11_M1_R0_U0", "QLRU_H00_M1_R0_U1", "QLRU_H00_M1_R2_U1"}

// String returns the name.
func (p Policy) String() string { return word(policies, int(p)) }

// MarshalText returns the name.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the name.
func (p *Policy) UnmarshalText(text []byte) (err error) {
	*p, err = parseWord[Policy]("policy", policies, string(text))
	return err
}

// check says whether a set of so many ways can be ordered so.
func (p Policy) check(ways int) error {
	if ways > most && p != LRU {
		return fmt.Errorf("%v of %d ways: %d are the most for any policy but LRU", p, ways, most)
	}
	switch p {
	case LRU, QLRUH11M1R0U0, QLRUH00M1R0U1, QLRUH00M1R2U1:
		return nil
	case TreePLRU:
		if trees := ways >> bits.TrailingZeros(uint(ways)); trees > 15 {
			return fmt.Errorf("tree-PLRU of %d ways needs %d trees: 15 are the most", ways, trees)
		}
		return nil
	}
	return fmt.Errorf("policy %d is unknown", p)
}

func (p Policy) ages() bool { return p >= QLRUH11M1R0U0 }
