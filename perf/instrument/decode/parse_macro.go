package decode

import (
	"fmt"
	"strings"
)

var conditions = [16]string{"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"}

// expand writes out a row that stands for several: families whose encodings follow one pattern.
func expand(f []string) (rows []string) {
	add := func(format string, a ...any) { rows = append(rows, fmt.Sprintf(format, a...)) }
	if len(f) < 3 {
		panic("decode tables: macro " + strings.Join(f, " "))
	}
	op, name, rest := number(f[1], 16), f[2], strings.Join(f[3:], " ")
	packed := rest == "packed"
	switch f[0] {
	case "$alu": // the six forms of an operation of the accumulator family
		for i, operands := range []string{"+Eb Gb", "+Ev Gv", "+Gb Eb", "+Gv Ev", "+al Ib", "+ax Iz"} {
			add("%02x %s %s %s", op+i, name, operands, rest)
		}
	case "$cc": // sixteen conditions
		for i, c := range conditions {
			if name == "cmpxadd" {
				add("%02x.66.m v:0 !cmp%sxadd +My +Gy By #a", op+i, c)
				continue
			}
			add("%02x %s%s %s #cc", op+i, name, c, rest)
		}
	case "$fp4": // packed and scalar, single and double, in SSE, AVX and AVX-512
		add("%02x.np l,v,e0 %sps =Vx Hx Wx b4 %s", op, name, rest)
		add("%02x.66 l,v,e1 %spd =Vx Hx Wx b8 %s", op, name, rest)
		add("%02x.f3 l,v,e0 %sss =V16 H16 W4 s %s", op, name, rest)
		add("%02x.f2 l,v,e1 %ssd =V16 H16 W8 s %s", op, name, rest)
	case "$ph":
		add("%02x.np e0 %sph =Vx Hx Wx b2 %s", op, name, rest)
		add("%02x.f3 e0 %ssh =V16 H16 W2 s %s", op, name, rest)
	case "$fma":
		add("%02x.66 v0,e0 %sps +Vx Hx Wx b4 er", op, name)
		add("%02x.66 v1,e1 %spd +Vx Hx Wx b8 er", op, name)
		if !packed {
			add("%02x.66 v0,e0 %sss +V16 H16 W4 s er", op+1, name)
			add("%02x.66 v1,e1 %ssd +V16 H16 W8 s er", op+1, name)
		}
	case "$fmah":
		add("%02x.66 e0 %sph +Vx Hx Wx b2 er", op, name)
		if !packed {
			add("%02x.66 e0 %ssh +V16 H16 W2 s er", op+1, name)
		}
	case "$fma4": // W says which of the sources may be memory
		for i, t := range []struct{ name, size, elem string }{{"ps", "x", "e4"}, {"pd", "x", "e8"}, {"ss", "4", "s"}, {"sd", "8", "s"}} {
			if i > 1 && rest != "scalar" {
				break
			}
			v := "x"
			if i > 1 {
				v = "16"
			}
			add("%02x.66 v0 %s%s =V%s H%s W%s L%s %s", op+i, name, t.name, v, v, t.size, v, t.elem)
			add("%02x.66 v1 %s%s =V%s H%s L%s W%s %s", op+i, name, t.name, v, v, v, t.size, t.elem)
		}
	default:
		panic("decode tables: macro " + f[0])
	}
	return rows
}
