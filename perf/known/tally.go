package known

// Tally is what code does when it is executed once. A fused multiply-add is two operations. An instruction that reads and
// writes memory is a load and a store.
type Tally struct {
	Instructions float64
	Loads        float64 // instructions that read memory, returns included
	Stores       float64 // instructions that write memory
	BytesLoaded  float64
	BytesStored  float64
	Ops          float64 // floating-point operations, or integer ones in the codes of int8
}

func (t Tally) plus(u Tally) Tally {
	return Tally{
		t.Instructions + u.Instructions, t.Loads + u.Loads, t.Stores + u.Stores,
		t.BytesLoaded + u.BytesLoaded, t.BytesStored + u.BytesStored, t.Ops + u.Ops,
	}
}

func (t Tally) times(n float64) Tally {
	return Tally{t.Instructions * n, t.Loads * n, t.Stores * n, t.BytesLoaded * n, t.BytesStored * n, t.Ops * n}
}

// code is an assembly function and what it does: once per call, once per pass, and once per iteration of its innermost loop.
type code struct {
	name             string
	once, pass, iter Tally
}

// total is what one call does in all its passes of so many iterations each.
func (c code) total(passes, iterations int) Tally {
	return c.once.plus(c.pass.plus(c.iter.times(float64(iterations))).times(float64(passes)))
}

// some is a tally of n instructions without memory; loads and stores add n of a width in bytes that are counted already.
func some(n float64) Tally { return Tally{Instructions: n} }

func (t Tally) loads(n, width float64) Tally {
	t.Loads += n
	t.BytesLoaded += n * width
	return t
}

func (t Tally) stores(n, width float64) Tally {
	t.Stores += n
	t.BytesStored += n * width
	return t
}

func (t Tally) ops(n float64) Tally {
	t.Ops += n
	return t
}
