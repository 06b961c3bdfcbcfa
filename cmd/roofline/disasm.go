package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/perf/instrument/flops"
	"github.com/roofline-go/roofline/roofline/measure"
)

func newDisasm() *cobra.Command {
	o := &options{}
	blocks, caches := 0, false
	cmd := &cobra.Command{
		Use:   "disasm KERNEL",
		Short: "Show a kernel's hot code with exact execution counts",
		Long: `Show a kernel's hot code: the blocks of instructions that one call executes most,
how often, and their shares of instructions, FLOPs and bytes accessed.

The kernel runs instrumented in a process of its own. Counts are exact; they are
those of its assembly functions, not of the Go code that calls them.

With --caches a simulation of this machine's caches follows, warmed up by calls
before: misses and bytes of each level, conflict misses told from capacity
misses (roofline help simulator).`,
		Example: `  roofline disasm matmul/avx512/f32
  roofline disasm attention/best --shape h=8,q=512,kv=512,d=64 --blocks 2
  roofline disasm matmul/avx512/f32 --shape 512x512x512 --blocks 1 --caches`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("disasm takes one kernel, e.g. matmul/avx512/f32")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDisasm(cmd.Context(), cmd.OutOrStdout(), args, blocks, caches, o)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.threads, "threads", 1, "run on `N` pinned threads")
	f.Var((*positiveInt)(&blocks), "blocks", "show the `N` hottest blocks; default: those that make up 95 % of the instructions")
	f.BoolVar(&caches, "caches", false, "also simulate the caches and tell kinds of misses apart")
	f.StringVar(&o.isa, "isa", "amx", "use nothing above `LEVEL`: go, avx2, avx512 or amx")
	f.StringVar(&o.dtype, "dtype", "", "only kernels of this `TYPE`: f64, f32, f16, bf16 or int8")
	f.StringArrayVar(&o.shapes, "shape", nil, "problem size `SHAPE`, e.g. 512x512x512")
	return cmd
}

func runDisasm(ctx context.Context, w io.Writer, args []string, most int, caches bool, o *options) error {
	sel, err := selectKernels(args, o)
	if err != nil {
		return err
	}
	if len(sel.items) != 1 {
		return usagef("%s: %d kernels; name one, e.g. %s", args[0], len(sel.items), sel.items[0].Kernel.ID())
	}
	if _, err := workers.CPUs(o.threads); err != nil {
		return usageError{err}
	}
	item := sel.items[0]
	spec, why := measure.Spec(item, o.threads)
	if why != "" {
		return unfitError{fmt.Errorf("disassemble %s: %s", item.Kernel.ID(), why)}
	}
	child, err := countingChild()
	if err != nil {
		return err
	}
	p, err := child.Profile(ctx, spec)
	if err != nil {
		return fmt.Errorf("disassemble %s: %w", item.Kernel.ID(), err)
	}
	l, err := newListing(p)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s %s, one call:\n", item.Kernel.ID(), item.Shape)
	l.print(w, most)
	if !caches {
		return nil
	}
	sum, err := child.SimulateKinds(ctx, spec)
	if err != nil {
		return fmt.Errorf("simulate the caches for %s: %w", item.Kernel.ID(), err)
	}
	return printCaches(w, sum)
}

// listing is a profile, hottest blocks first.
type listing struct {
	all    *instrument.Totals
	blocks []hotBlock
}

type hotBlock struct {
	instrument.BlockCount
	*instrument.Totals
}

func newListing(p *instrument.Profile) (*listing, error) {
	all, err := p.Totals()
	if err != nil {
		return nil, err
	}
	l := &listing{all: all}
	for i := range p.Blocks {
		t, err := p.Blocks[i].Totals()
		if err != nil {
			return nil, err
		}
		l.blocks = append(l.blocks, hotBlock{p.Blocks[i], t})
	}
	slices.SortStableFunc(l.blocks, func(a, b hotBlock) int { return cmp.Compare(b.Instructions, a.Instructions) })
	return l, nil
}

// enough of the instructions are shown by default.
const enough = 0.95

func (l *listing) print(w io.Writer, most int) {
	ops, what := l.operations(l.all)
	by := ""
	if what == "FLOPs" {
		by = fmt.Sprintf(" (%.0f %% by FMA)", percent(l.all.FMA, l.all.FLOPs()))
	}
	fmt.Fprintf(w, "  %d instructions, %d %s%s\n  %s loaded, %s stored\n", l.all.Instructions, ops, what, by,
		units.Bytes(int64(l.all.BytesLoaded)), units.Bytes(int64(l.all.BytesStored)))
	fmt.Fprintln(w, strings.Join(units.HangWords("  ", "  ", mix(l.all), 80), "\n"))
	var shown uint64
	for i, b := range l.blocks {
		if most > 0 && i == most || most == 0 && float64(shown) >= enough*float64(l.all.Instructions) {
			fmt.Fprintf(w, "\n%d more blocks with %.1f %% of the instructions\n", len(l.blocks)-i, percent(l.all.Instructions-shown, l.all.Instructions))
			break
		}
		shown += b.Instructions
		l.block(w, b)
	}
}

func (l *listing) block(w io.Writer, b hotBlock) {
	ops, _ := l.operations(b.Totals)
	allOps, what := l.operations(l.all)
	insts, _ := b.Insts() // they have been decoded before
	fmt.Fprintf(w, "\n%s, %d × %d instructions\n", withoutPackage(b.Function), b.Executions, len(insts))
	fmt.Fprintf(w, "  %.1f %% of instructions, %.1f %% of %s, %.1f %% of bytes;\n  each time %s %s, %s B\n",
		percent(b.Instructions, l.all.Instructions), percent(ops, allOps), what, percent(b.BytesLoaded+b.BytesStored, l.all.BytesLoaded+l.all.BytesStored),
		ratio(ops, b.Executions), what, ratio(b.BytesLoaded+b.BytesStored, b.Executions))
	for _, in := range insts {
		line := fmt.Sprintf("  %8x  %s", in.PC, in.String())
		fmt.Fprintln(w, line[:min(len(line), 80)])
	}
}

// withoutPackage is the name of a function of Go without the path and the name of its package; other names hold no slash before their
// type arguments.
func withoutPackage(name string) string {
	plain, _, _ := strings.Cut(name, "[") // type arguments have paths of their own
	i := strings.LastIndexByte(plain, '/')
	if i < 0 {
		return name
	}
	_, function, _ := strings.Cut(name[i:], ".")
	return function
}

// operations of a total: FLOPs, and where the kernel has integer dot products those, too.
func (l *listing) operations(t *instrument.Totals) (n uint64, what string) {
	if l.all.IntOps() > 0 {
		return t.FLOPs() + t.IntOps(), "OPs"
	}
	return t.FLOPs(), "FLOPs"
}

// mix lists the classes of instructions with their shares, the largest first, with commas between them. What rounds to 0.0 % is counted together.
func mix(t *instrument.Totals) (list []string) {
	type part struct {
		class flops.Class
		n     uint64
	}
	var parts []part
	for c, n := range t.Mix {
		parts = append(parts, part{c, n})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.class, b.class)) })
	for i, p := range parts {
		if left := len(parts) - i; left > 1 && percent(p.n, t.Instructions) < 0.05 {
			return append(list, fmt.Sprintf("%d more below 0.1 %%", left))
		}
		comma := ","
		if i == len(parts)-1 {
			comma = ""
		}
		list = append(list, fmt.Sprintf("%s %.1f %%%s", p.class, percent(p.n, t.Instructions), comma))
	}
	return list
}

func percent(part, all uint64) float64 {
	if all == 0 {
		return 0
	}
	return 100 * float64(part) / float64(all)
}

// ratio is part over all, without a fraction where there is none.
func ratio(part, all uint64) string {
	if all == 0 || part%all == 0 {
		return fmt.Sprint(part / max(all, 1))
	}
	return fmt.Sprintf("%.1f", float64(part)/float64(all))
}
