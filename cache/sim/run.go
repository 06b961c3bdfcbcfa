package sim

// Kind is what an access does.
type Kind uint8

// The kinds of accesses.
const (
	LoadAccess      Kind = iota // reads
	StoreAccess                 // writes
	StorePastAccess             // writes past the caches (non-temporal)
	PrefetchAccess              // fetches a line into the level named by Size, without using it
)

// Access is one entry of a trace.
type Access struct {
	Addr uint64
	Size uint32 // bytes; of a prefetch the level, 1 for the innermost
	Kind Kind
}

// Run issues the accesses in order.
func (c *Core) Run(trace []Access) {
	for i := range trace {
		a := &trace[i]
		switch a.Kind {
		case LoadAccess:
			c.Load(a.Addr, int(a.Size))
		case StoreAccess:
			c.Store(a.Addr, int(a.Size))
		case StorePastAccess:
			c.StorePast(a.Addr, int(a.Size))
		case PrefetchAccess:
			c.Prefetch(a.Addr, int(a.Size))
		}
	}
}
