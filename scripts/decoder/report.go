package main

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/decode/objdump"
)

// counts of one object or of all.
type counts struct {
	n        int
	byEnc    [3]int
	memory   int // with a memory operand
	verdicts [7]int
}

func (c *counts) mismatches() int {
	return c.verdicts[objdump.LengthMismatch] + c.verdicts[objdump.OperandMismatch] + c.verdicts[objdump.MnemonicMismatch] + c.verdicts[objdump.RefusedMismatch] + c.verdicts[objdump.AcceptedMismatch]
}

func (c *counts) add(o *counts) {
	c.n += o.n
	c.memory += o.memory
	for i, v := range o.byEnc {
		c.byEnc[i] += v
	}
	for i, v := range o.verdicts {
		c.verdicts[i] += v
	}
}

type report struct {
	file, total counts
	categories  map[string]int
	groups      map[string]*group
	examples    int
	sample      *sample
}

// group collects mismatches of one kind and mnemonic.
type group struct {
	n        int
	examples []string
}

func newReport(examples int) *report {
	return &report{categories: map[string]int{}, groups: map[string]*group{}, examples: examples}
}

func (r *report) add(l objdump.Line, res *objdump.Result) {
	r.file.n++
	r.file.verdicts[res.Verdict]++
	if res.Inst.Len != 0 {
		r.file.byEnc[res.Inst.Enc]++
		if res.Inst.HasMem {
			r.file.memory++
		}
	}
	switch res.Verdict {
	case objdump.Same:
		if r.sample != nil {
			r.sample.add(l, &res.Inst)
		}
		return
	case objdump.Explained:
		r.categories[res.Category]++
		return
	}
	name := l.Name()
	key := fmt.Sprintf("%v: %s", res.Verdict, name)
	g := r.groups[key]
	if g == nil {
		g = &group{}
		r.groups[key] = g
	}
	g.n++
	if len(g.examples) < r.examples {
		g.examples = append(g.examples, fmt.Sprintf("% x | %s | %s", l.Code, l.Text, res.Ours))
	}
}

func (r *report) fileDone(w io.Writer, file string) {
	c := &r.file
	fmt.Fprintf(w, "%-28s %9d instructions, %9d VEX, %8d EVEX, %9d memory operands, %6d explained, mismatches: %d length, %d operand, %d mnemonic, %d refused, %d accepted\n",
		filepath.Base(file), c.n, c.byEnc[decode.VEX], c.byEnc[decode.EVEX], c.memory, c.verdicts[objdump.Explained], c.verdicts[objdump.LengthMismatch],
		c.verdicts[objdump.OperandMismatch], c.verdicts[objdump.MnemonicMismatch], c.verdicts[objdump.RefusedMismatch], c.verdicts[objdump.AcceptedMismatch])
	r.total.add(c)
	r.file = counts{}
}

func (r *report) print(w io.Writer) {
	r.total.add(&r.file)
	r.file = counts{}
	r.file = r.total
	r.total = counts{}
	r.fileDone(w, "total")
	for _, c := range slices.Sorted(maps.Keys(r.categories)) {
		fmt.Fprintf(w, "explained %9d  %s\n", r.categories[c], c)
	}
	keys := slices.SortedFunc(maps.Keys(r.groups), func(a, b string) int { return r.groups[b].n - r.groups[a].n })
	for _, k := range keys {
		fmt.Fprintf(w, "%9d %s\n", r.groups[k].n, k)
		for _, e := range r.groups[k].examples {
			fmt.Fprintf(w, "          %s\n", e)
		}
	}
}
