package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// latency is a number of cycles in keys.
func (p *integers) latency(cycles float64) float64 { return cycles * p.spread / p.cycles }

// products puts the products with the query, and their sums over the lanes, into the schedule.
func (p *integers) products() { p.productsLater(0) }

// productsLater does that so many keys later.
func (p *integers) productsLater(later float64) {
	p.ops = nil
	add := p.tree()
	if p.pairs() {
		for i := 0; i < step; i += 2 {
			add(p.dotPair(i, later), 1)
		}
		return
	}
	for i := range step {
		sum := &partial{v: &value{}}
		sum.at = p.dot(i, later, sum.v)
		add(sum, 0)
	}
}

// dot puts the products of the query and key i into the schedule, which leave sum in the lanes of a chunk, and says when they are there. In a step p.k
// is a step further on than in the one before.
func (p *integers) dot(i int, later float64, sum *value) (at float64) {
	at = float64(i) + later
	chunks := p.chunks()
	line := func(chunk int) Mem {
		return Mem{Base: p.k, Disp: p.d*i + p.chunk()*chunk - p.d*step*op{at: at}.stage()}
	}
	p.add(at, func() { VPXORD(half(sum.reg), half(sum.reg), half(sum.reg)) }, sum)
	for chunk := range chunks {
		key, m := &value{}, line(chunk)
		p.add(at, func() { p.fetchAhead(m) })
		p.add(at, func() { VPXORD(m, p.lanes(p.high), p.lanes(key.reg)) }, key)
		p.add(at, func() { VPDPBUSD(p.highDigits(chunk), p.lanes(key.reg), p.lanes(sum.reg)) }, key, sum)
		at += p.latency(4)
	}
	if p.count == 1 {
		return at
	}
	p.add(at, func() { VPSLLD(Imm(8), p.lanes(sum.reg), p.lanes(sum.reg)) }, sum)
	at += p.latency(1)
	for chunk := range chunks {
		m := line(chunk)
		p.add(at, func() { VPDPBUSD(m, p.lanes(p.query[len(p.query)-chunks+chunk]), p.lanes(sum.reg)) }, sum)
		at += p.latency(4)
	}
	return at
}

// partial is sums of products in the lanes of a chunk, and when they are there.
type partial struct {
	v  *value
	at float64
}

// tree puts into the schedule what adds up the lanes of those it is given for one key after the other, of which each has 2^level, and makes scores of
// those of a step.
func (p *integers) tree() (add func(sum *partial, level int)) {
	var waiting [levels]*partial
	return func(sum *partial, level int) {
		for ; level < levels; level++ {
			if waiting[level] == nil {
				waiting[level] = sum
				return
			}
			a, b, at := waiting[level].v, sum.v, max(waiting[level].at, sum.at)+p.latency(p.late)
			waiting[level], sum = nil, &partial{v: &value{}}
			to := sum.v
			if level == levels-1 && !p.wide {
				p.add(at, func() { VINSERTI64X4(Imm(1), half(b.reg), a.reg, to.reg) }, a, b, to)
				p.score(at+p.latency(3), to)
				return
			}
			t, u := &value{}, &value{}
			first, second, cycles := p.merge(level, a, b, t, u)
			p.add(at, first, a, b, t)
			p.add(at, second, a, b, u)
			at += p.latency(cycles)
			p.add(at, func() { VPADDD(p.lanes(t.reg), p.lanes(u.reg), p.lanes(to.reg)) }, t, u, to)
			sum.at = at + p.latency(1)
			if level == levels-1 {
				p.score(sum.at, to)
				return
			}
		}
	}
}

// merge brings lanes of a and b that belong together into t and u: their sum has for each key half as many. It says how many cycles
// that takes. The first, and of 256 bits the last, blend, which any pipe can do.
func (p *integers) merge(level int, a, b, t, u *value) (first, second func(), cycles float64) {
	if level > 1 && p.wide {
		return p.pipeline.merge(level, a, b, t, u)
	}
	switch level {
	case 0: // lanes 0, 1 of a and 2, 3 of b, and the others, of 128 bits
		return func() { VPBLENDMQ(p.lanes(b.reg), p.lanes(a.reg), reg.K3, p.lanes(t.reg)) },
			func() { VSHUFPD(Imm(0x55&(1<<(p.chunk()/8)-1)), p.lanes(b.reg), p.lanes(a.reg), p.lanes(u.reg)) }, 2
	case 1:
		return func() { VSHUFPS(Imm(0x88), p.lanes(b.reg), p.lanes(a.reg), p.lanes(t.reg)) },
			func() { VSHUFPS(Imm(0xdd), p.lanes(b.reg), p.lanes(a.reg), p.lanes(u.reg)) }, 2
	}
	return func() { VPBLENDMQ(half(b.reg), half(a.reg), reg.K4, half(t.reg)) },
		func() { VSHUFI64X2(Imm(1), half(b.reg), half(a.reg), half(u.reg)) }, 4
}

// score turns sums of integers into scores before they are relative to the reference, in State too.
func (p *integers) score(at float64, sums *value) {
	p.add(at, func() { VPADDD_BCST(Mem{Base: p.state, Disp: constant}, sums.reg, sums.reg) }, sums)
	at += p.latency(1)
	p.add(at, func() { VCVTDQ2PS(sums.reg, sums.reg) }, sums)
	at += p.latency(3)
	p.add(at, func() { VMULPS(Mem{Base: p.ks}, sums.reg, sums.reg); ADDQ(Imm(4*step), p.ks) }, sums)
	p.x, p.ready = sums, at+p.latency(3)
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
	chain := p.relative(x, y, f)
	each := min(p.latency(4), (step-quad-p.latency(8))/float64(len(chain)+1)) // 1.5 times that for the first, nothing for a constant
	p.add(at, func() {
		VBROADCASTSS(Mem{Base: p.state, Disp: factor}, x)
		VFMSUB213PS(p.block.state(p.state, reference), p.x.reg, x)
	}, p.x)
	at += each
	for i, emit := range chain {
		p.add(at, emit)
		switch i {
		case 0: // VREDUCEPS
			at += 1.5 * each
		case 1: // loads a constant
		default:
			at += each
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
		for j, o := range ops {
			p.add(begin+float64(i)+float64(j*quad)/float64(len(ops)), o.emit, o.touches...)
		}
	}
}

// touching is an instruction, and the values that it touches.
type touching struct {
	emit    func()
	touches []*value
}

// rowQuad adds four weighted rows of 64 columns.
func (p *integers) rowQuad(i int) (ops []touching) {
	add := func(emit func(), touches ...*value) { ops = append(ops, touching{emit, touches}) }
	load := func(j int) *value {
		to, m := &value{}, Mem{Base: p.v, Disp: p.d * j}
		add(func() { p.fetchAhead(m); VMOVDQU32(m, to.reg) }, to)
		return to
	}
	interleave := func(instruction func(ops ...Op), a, b *value) *value {
		to := &value{}
		add(func() { instruction(b.reg, a.reg, to.reg) }, a, b, to)
		return to
	}
	var weights [2]*value
	for digit := range weights { // low, high
		w := &value{}
		weights[digit] = w
		add(func() { VPBROADCASTD(Mem{Base: p.now, Disp: 4 * (i + digit)}, w.reg) }, w)
	}
	multiply := func(n int, from *value) {
		for digit, w := range weights {
			add(func() { VPDPBUSD(from.reg, w.reg, p.acc[2*n+1-digit]) }, from, w)
		}
	}
	a, b := load(0), load(1)
	ab, ab2 := interleave(lowBytes, a, b), interleave(highBytes, a, b)
	c, d := load(2), load(3)
	cd, cd2 := interleave(lowBytes, c, d), interleave(highBytes, c, d)
	x, y := interleave(lowWords, ab, cd), interleave(highWords, ab, cd)
	multiply(0, x)
	x = interleave(lowWords, ab2, cd2)
	multiply(1, y)
	y = interleave(highWords, ab2, cd2)
	multiply(2, x)
	multiply(3, y)
	add(func() { ADDQ(I32(int32(quad*p.d)), p.v) })
	return ops
}

// What interleaves the elements of two rows, those of each half of 16 bytes.
func lowBytes(ops ...Op)  { VPUNPCKLBW(ops[0], ops[1], ops[2]) }
func highBytes(ops ...Op) { VPUNPCKHBW(ops[0], ops[1], ops[2]) }
func lowWords(ops ...Op)  { VPUNPCKLWD(ops[0], ops[1], ops[2]) }
func highWords(ops ...Op) { VPUNPCKHWD(ops[0], ops[1], ops[2]) }
