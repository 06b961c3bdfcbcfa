package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// products puts the products with the query, and their sums over the lanes, into the schedule.
func (p *integers) products() {
	add := p.tree(p.latency)
	for i := range step {
		sum := &partial{v: &value{}}
		ops := p.dot(sum.v)
		for j, o := range ops {
			sum.at = float64(i) + float64(j)/float64(len(ops))
			p.add(sum.at, o.emit, o.touches...)
		}
		p.add(float64(i+1)-1e-6, func() { ADDQ(p.ldk, p.k) })
		sum.at += p.latency(6)
		add(sum)
	}
}

// partial is sums of products in eight lanes, and when they are there.
type partial struct {
	v  *value
	at float64
}

// tree puts into the schedule what adds up the lanes of those it is given for one key after the other, and makes scores of those of a step.
func (p *integers) tree(latency func(cycles float64) float64) (add func(sum *partial)) {
	var waiting [levels]*partial
	return func(sum *partial) {
		for level := range levels {
			if waiting[level] == nil {
				waiting[level] = sum
				return
			}
			a, b, at := waiting[level].v, sum.v, max(waiting[level].at, sum.at)
			waiting[level], sum = nil, &partial{v: &value{}}
			to := sum.v
			if level == levels-1 {
				p.add(at, func() { VINSERTI64X4(Imm(1), half(b.reg), a.reg, to.reg) }, a, b, to)
				p.score(latency, at+latency(3), to)
				return
			}
			t, u := &value{}, &value{}
			first, second, cycles := p.merge(level, a, b, t, u)
			p.add(at, first, a, b, t)
			p.add(at, second, a, b, u)
			at += latency(cycles)
			p.add(at, func() { VPADDD(half(t.reg), half(u.reg), half(to.reg)) }, t, u, to)
			sum.at = at + latency(1)
		}
	}
}

// merge brings lanes of a and b that belong together into t and u: their sum has for each key half as many. It says how many cycles
// that takes. The first and the last blend, which any pipe can do.
func (p *integers) merge(level int, a, b, t, u *value) (first, second func(), cycles float64) {
	switch level {
	case 0: // lanes 0, 1 of a and 2, 3 of b, and the others, of 128 bits
		return func() { VPBLENDMQ(half(b.reg), half(a.reg), reg.K3, half(t.reg)) },
			func() { VSHUFPD(Imm(5), half(b.reg), half(a.reg), half(u.reg)) }, 2
	case 1:
		return func() { VSHUFPS(Imm(0x88), half(b.reg), half(a.reg), half(t.reg)) },
			func() { VSHUFPS(Imm(0xdd), half(b.reg), half(a.reg), half(u.reg)) }, 2
	}
	return func() { VPBLENDMQ(half(b.reg), half(a.reg), reg.K4, half(t.reg)) },
		func() { VSHUFI64X2(Imm(1), half(b.reg), half(a.reg), half(u.reg)) }, 4
}

// touching is an instruction, and the values that it touches.
type touching struct {
	emit    func()
	touches []*value
}

// dot sets sum to the products of the query and the next key, in eight lanes.
func (p *integers) dot(sum *value) (ops []touching) {
	add := func(emit func(), touches ...*value) { ops = append(ops, touching{emit, touches}) }
	chunks := p.d / 32
	key := func(chunk int) reg.VecPhysical { return half(p.key[chunk%len(p.key)]) }
	product := func(digit, chunk int) {
		VPDPBUSD(p.queryDigits(digit, chunk), key(chunk), half(sum.reg))
	}
	for chunk := range chunks {
		add(func() {
			if chunk == 0 {
				VPXORD(half(sum.reg), half(sum.reg), half(sum.reg))
			}
			VPXORD(Mem{Base: p.k, Disp: 32 * chunk}, half(p.high), key(chunk))
			product(0, chunk)
		}, sum)
	}
	if p.count == 1 {
		return ops
	}
	add(func() { VPSLLD(Imm(8), half(sum.reg), half(sum.reg)) }, sum)
	for chunk := range chunks {
		add(func() { product(1, chunk) }, sum)
	}
	return ops
}

// score turns sums of integers into scores before they are relative to the reference, in State too.
func (p *integers) score(latency func(cycles float64) float64, at float64, sums *value) {
	p.add(at, func() { VPADDD_BCST(Mem{Base: p.state, Disp: constant}, sums.reg, sums.reg) }, sums)
	at += latency(1)
	p.add(at, func() { VCVTDQ2PS(sums.reg, sums.reg) }, sums)
	at += latency(3)
	p.add(at, func() { VMULPS(Mem{Base: p.ks}, sums.reg, sums.reg); ADDQ(Imm(4*step), p.ks) }, sums)
	p.x, p.ready = sums, at+latency(3)
}

// relative sets y to the weights of scores x, times the factors of their rows. x becomes the weights; f is free.
func (p *integers) relative(x, y, f reg.VecPhysical) []func() {
	ops := p.exp.Steps(x, y, f)
	ops[len(ops)-1] = func() { VSCALEFPS_Z(x, y, reg.K2, x) } // lanes without a key have no weight
	return append(ops, func() { VMULPS_Z(Mem{Base: p.vs}, x, reg.K2, y) })
}

// weights puts into the schedule what turns scores into weights, and says when they are there. Weights that are too large for 16 bits
// make the reference move, between rows of the output: those behind them take weights as moves leaves them.
func (p *integers) weights() (ready float64) {
	x, y, f := p.exp2[0], p.exp2[1], p.exp2[2]
	at := p.ready
	p.add(at, func() {
		VBROADCASTSS(Mem{Base: p.state, Disp: factor}, x)
		VFMSUB213PS(p.block.state(p.state, reference), p.x.reg, x)
	}, p.x)
	at += p.latency(4)
	for i, emit := range p.relative(x, y, f) {
		p.add(at, emit)
		switch i {
		case 0: // VREDUCEPS
			at += p.latency(6)
		case 1: // loads a constant
		default:
			at += p.latency(4)
		}
	}
	check := p.between(at)
	p.add(check, func() {
		VCMPPS_BCST(Imm(notAtMost), p.c.limit, y, reg.K1)
		p.moveIfAny()
	}, p.x)
	at = check + 1e-6
	p.add(at, func() { VADDPS(x, p.sum, p.sum) })
	p.add(at, func() { VCVTPS2DQ(y, y); ADDQ(Imm(4*step), p.vs) })
	at += p.latency(3)
	p.add(at, func() { VPSHUFB(p.c.split, y, y) })
	at += p.latency(2)
	p.add(at, func() { VMOVDQU32(y, Mem{Base: p.next}) })
	if int(check)/step != int(at)/step || at-p.ready > step {
		panic("weights come too late")
	}
	return at + p.latency(4)
}

// between is the next time between quads of rows, where moves may take the registers of the output.
func (p *integers) between(at float64) float64 { return math.Ceil(at/quad) * quad }

// quad is the number of rows that are interleaved, so that a lane sums four products.
const quad = 4

// output puts into the schedule what adds the weighted values.
func (p *integers) output(begin float64) {
	begin += 2e-6 // after what stands between rows
	for i := 0; i < step; i += quad {
		ops := p.rowQuad(i)
		for j, f := range ops {
			p.add(begin+float64(i)+float64(j*quad)/float64(len(ops)), f)
		}
	}
}

// rowQuad adds four weighted rows of 64 columns.
func (p *integers) rowQuad(i int) []func() {
	a, b, u, x, u2 := p.t[0], p.t[1], p.t[2], p.t[3], p.t[4]
	row := func(i int) Mem {
		m := Mem{Base: p.v}
		switch i {
		case 1, 2:
			m.Index, m.Scale = p.ldv, uint8(i)
		case 3:
			m.Index, m.Scale = p.ld3, 1
		}
		return m
	}
	ops := []func(){
		func() { VMOVDQU32(row(0), a); VMOVDQU32(row(1), b) },
		func() { VPUNPCKLBW(b, a, u) },
		func() { VPUNPCKHBW(b, a, a) },
		func() { VMOVDQU32(row(2), b); VMOVDQU32(row(3), x) },
		func() { VPUNPCKLBW(x, b, u2) },
		func() { VPUNPCKHBW(x, b, b) },
		func() { VPUNPCKLWD(u2, u, x) },
		func() { VPUNPCKHWD(u2, u, u) },
		func() { VPUNPCKLWD(b, a, u2) },
		func() { VPUNPCKHWD(b, a, a) },
	}
	for digit, at := range []int{4, 0} { // high, low
		ops = append(ops, func() { VPBROADCASTD(Mem{Base: p.now, Disp: 4*i + at}, b) })
		for n, from := range []reg.VecPhysical{x, u, u2, a} {
			ops = append(ops, func() { VPDPBUSD(from, b, p.acc[2*n+digit]) })
		}
	}
	return append(ops, func() { LEAQ(Mem{Base: p.v, Index: p.ldv, Scale: 4}, p.v) })
}
