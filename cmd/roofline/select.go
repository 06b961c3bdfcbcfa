package main

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/edit"
	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/measure"
)

// defaultSet is what `roofline measure` runs when no kernel is named: every f32 variant of the two operations this tool is
// about, the best f64 matmul, and one memory-bound reference per access pattern. "best" stands for the fastest usable variant.
var defaultSet = []string{
	"matmul/*/f32", "matmul/best/f64", "attention/*/f32", "decode/best/f32",
	"gemv/best/f32", "dot/best/f32", "triad/best/f32", "copy/best/f32",
}

// selection is what to measure, and what was left out and why.
type selection struct {
	items   []measure.Item
	skipped []string
}

// selectKernels turns patterns and flags into kernels with shapes. A kernel that is named in full but cannot run here is an
// error; one that only matched a pattern is left out with a note.
func selectKernels(patterns []string, o *options) (*selection, error) {
	limit, err := cpu.ParseCap(o.isa)
	if err != nil {
		return nil, usagef("--isa: %w", err)
	}
	if err := checkDType(o.dtype); err != nil {
		return nil, err
	}
	if len(patterns) == 0 {
		patterns = defaultSet
	}
	sel := &selection{}
	seen := map[string]bool{}
	var chosen []*kernels.Kernel
	for _, pattern := range patterns {
		found, err := match(pattern, limit)
		if err != nil {
			return nil, err
		}
		exact := len(found) == 1 && found[0].ID() == pattern
		for _, k := range found {
			if seen[k.ID()] || o.dtype != "" && string(k.DType) != o.dtype {
				continue
			}
			seen[k.ID()] = true
			if err := usable(k, limit); err != nil {
				if exact {
					return nil, err
				}
				sel.skipped = append(sel.skipped, err.Error())
				continue
			}
			chosen = append(chosen, k)
		}
	}
	if len(chosen) == 0 {
		if len(sel.skipped) > 0 {
			return nil, unfitError{fmt.Errorf("no kernel left to measure: %s", strings.Join(sel.skipped, "; "))}
		}
		return nil, usagef("no kernel of type %s matches %s; see roofline list kernels", o.dtype, strings.Join(patterns, " "))
	}
	return sel, sel.withShapes(chosen, o.shapes)
}

func checkDType(name string) error {
	if name == "" {
		return nil
	}
	known := map[string]bool{}
	for _, k := range kernels.All() {
		known[string(k.DType)] = true
	}
	if known[name] {
		return nil
	}
	var names []string
	for n := range known {
		names = append(names, n)
	}
	sort.Strings(names)
	return usagef("--dtype: no kernel of type %q; use %s", name, strings.Join(names, ", "))
}

// meantBest suggests the variant "best", which is no kernel's name, where it is spelt like that, or almost. The operation may be
// misspelt as well.
func meantBest(e *kernels.UnknownError, parts []string) {
	if len(parts) < 2 || edit.Distance(strings.ToLower(parts[1]), "best") > 2 {
		return
	}
	op := parts[0]
	if _, err := kernels.Find(op); err != nil {
		unknown := (*kernels.UnknownError)(nil)
		if !errors.As(err, &unknown) || unknown.Nearest == "" {
			return
		}
		op = unknown.Nearest
	}
	best := append([]string{op, "best"}, parts[2:]...)
	every := slices.Clone(best)
	every[1] = "*"
	if _, err := kernels.Find(strings.Join(every, "/")); err == nil {
		e.Nearest = strings.Join(best, "/")
	}
}

// match finds the kernels of a pattern; the variant "best" means, for each operation and type, the last usable one, variants
// being listed slowest first.
func match(pattern string, limit cpu.ISA) ([]*kernels.Kernel, error) {
	parts := strings.Split(pattern, "/")
	if len(parts) < 2 || parts[1] != "best" {
		found, err := kernels.Find(pattern)
		if unknown := (*kernels.UnknownError)(nil); errors.As(err, &unknown) {
			meantBest(unknown, parts)
		}
		return found, err
	}
	parts[1] = "*"
	found, err := kernels.Find(strings.Join(parts, "/"))
	if err != nil {
		if unknown := (*kernels.UnknownError)(nil); errors.As(err, &unknown) {
			unknown.Pattern = pattern
			if near := strings.Split(unknown.Nearest, "/"); len(near) > 1 {
				near[1] = "best"
				unknown.Nearest = strings.Join(near, "/")
			}
			meantBest(unknown, strings.Split(pattern, "/"))
		}
		return nil, err
	}
	type family struct {
		op    string
		dtype kernels.DType
	}
	var best []*kernels.Kernel
	place := map[family]int{}
	for _, k := range found {
		if usable(k, limit) != nil {
			continue
		}
		f := family{k.Op, k.DType}
		if i, ok := place[f]; ok {
			best[i] = k
			continue
		}
		place[f] = len(best)
		best = append(best, k)
	}
	return best, nil
}

// usable says why k cannot run here within the cap, or nil.
func usable(k *kernels.Kernel, limit cpu.ISA) error {
	for _, isa := range append([]cpu.ISA{k.ISA}, k.Needs...) {
		if !isa.Within(limit) {
			return usagef("%s needs %s, above the cap --isa %s", k.ID(), isa, limit)
		}
		if err := cpu.Usable(isa); err != nil {
			return fmt.Errorf("run %s: %w", k.ID(), err)
		}
	}
	return nil
}

// withShapes pairs every kernel with the shapes given for its operation, or its default shape. Each shape must fit one of
// the chosen kernels at least; kernels that none fits are left out with a note.
func (sel *selection) withShapes(chosen []*kernels.Kernel, texts []string) error {
	used := make([]bool, len(texts))
	reason := make([]error, len(texts))
	var unfit misfits
	for _, k := range chosen {
		if len(texts) == 0 {
			sel.items = append(sel.items, measure.Item{Kernel: k, Shape: kernels.DefaultShape(k.Op)})
			continue
		}
		fits, why := false, error(nil)
		for i, text := range texts {
			s, err := shape.Parse(k.Op, text)
			if err == nil {
				err = k.Check(s)
			}
			if err != nil {
				reason[i], why = err, err
				continue
			}
			used[i], fits = true, true
			sel.items = append(sel.items, measure.Item{Kernel: k, Shape: s})
		}
		if !fits {
			unfit.add(k, why)
		}
	}
	for i, ok := range used {
		if !ok && strings.Contains(texts[i], ",") && !strings.Contains(texts[i], "=") {
			return usagef("--shape %s: several shapes take a --shape each: --shape %s", texts[i], strings.ReplaceAll(texts[i], ",", " --shape "))
		}
		if !ok {
			return usagef("--shape %s: %w", texts[i], reason[i])
		}
	}
	sel.skipped = append(sel.skipped, unfit.lines()...)
	return nil
}

// misfits are kernels that no shape fits, gathered by the reason.
type misfits []misfit

type misfit struct {
	first *kernels.Kernel
	more  int
	why   string
}

func (m *misfits) add(k *kernels.Kernel, why error) {
	for i, x := range *m {
		if x.why == why.Error() {
			(*m)[i].more++
			return
		}
	}
	*m = append(*m, misfit{first: k, why: why.Error()})
}

func (m misfits) lines() (lines []string) {
	for _, x := range m {
		name := x.first.ID()
		if x.more > 0 {
			name += fmt.Sprintf(" and %d more", x.more)
		}
		lines = append(lines, fmt.Sprintf("%s: no --shape fits: %s", name, x.why))
	}
	return lines
}
