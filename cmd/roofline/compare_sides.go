package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
)

// pairs makes the pairs to compare of what the user named.
func (c *comparer) pairs(ctx context.Context, args []string, commands bool) ([]compare.Pair, []string, error) {
	if commands {
		a, b, err := splitCommands(args, c.o.aa)
		if err != nil {
			return nil, nil, err
		}
		return c.live(ctx, compare.OfCommands, 1, a.Label()+" → "+b.Label(), a, b)
	}
	const sorts = "results (result.json, results.jsonl), kernels (op/variant/dtype), shared objects (libk.so), or -- CMD-A --- CMD-B"
	switch {
	case c.o.aa && len(args) != 1:
		return nil, nil, usagef("--aa compares one thing with itself, got %d: name a kernel, a shared object, or -- CMD", len(args))
	case !c.o.aa && len(args) != 2:
		return nil, nil, usagef("compare takes BASE and NEW, got %s; they are %s", units.Count(len(args), "argument"), sorts)
	}
	if c.o.aa {
		args = []string{args[0], args[0]}
	}
	for _, arg := range args {
		if isProgram(arg) && c.o.native.function == "" {
			return nil, nil, usagef("%s is a program; compare programs as: roofline compare -- ./BASE [ARG...] --- ./NEW [ARG...]", arg)
		}
	}
	if isObject(args[0]) != isObject(args[1]) {
		return nil, nil, usagef("compare two of a kind: of %s and %s only one is a shared object", args[0], args[1])
	}
	if isObject(args[0]) {
		return c.objects(ctx, args[0], args[1])
	}
	for _, arg := range args {
		if st, err := os.Stat(arg); err == nil && st.IsDir() {
			return nil, nil, usagef("%s is a directory; name a result in it, e.g. %s", arg, filepath.Join(arg, "result.json"))
		}
	}
	if isResult(args[0]) != isResult(args[1]) {
		return nil, nil, usagef("compare two of a kind: %s is a file and %s a kernel", args[0], args[1])
	}
	if isResult(args[0]) {
		if c.o.aa {
			return nil, nil, usagef("--aa measures: name a kernel or -- CMD")
		}
		return c.stored(args[0], args[1])
	}
	return c.kernels(ctx, args[0], args[1])
}

// isResult says whether an argument names a file rather than a kernel.
func isResult(arg string) bool {
	ext := filepath.Ext(arg)
	if ext == ".json" || ext == ".jsonl" {
		return true
	}
	st, err := os.Stat(arg)
	return err == nil && st.Mode().IsRegular()
}

// isProgram says whether an argument is the file of a program: one that can be executed, and has no name of a shared object.
func isProgram(arg string) bool {
	st, err := os.Stat(arg)
	return err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0 && !strings.HasSuffix(arg, ".so") && !strings.Contains(arg, ".so.")
}

// splitCommands divides what follows -- at ---.
func splitCommands(args []string, aa bool) (a, b compare.Command, err error) {
	at := slices.Index(args, "---")
	switch {
	case aa && at < 0 && len(args) > 0:
		return compare.Command{Args: args}, compare.Command{Args: args}, nil
	case at <= 0 || at == len(args)-1:
		return a, b, usagef("compare commands as: roofline compare -- CMD-A [ARG...] --- CMD-B [ARG...]")
	}
	return compare.Command{Args: args[:at]}, compare.Command{Args: args[at+1:]}, nil
}

// stored pairs the runs of two results.
func (c *comparer) stored(base, new string) ([]compare.Pair, []string, error) {
	var sides [2][]compare.Side
	var results [2]*roofline.Result
	for i, path := range []string{base, new} {
		res, err := readResult(c.stderr, path)
		if err != nil {
			return nil, nil, err
		}
		results[i] = res
		c.roofs = res.Ceilings
		for _, run := range res.Runs {
			sides[i] = append(sides[i], compare.Side{Label: path, Run: run})
		}
	}
	pairs, unmatched := compare.Match(sides[0], sides[1])
	if len(pairs) == 0 {
		return nil, nil, fmt.Errorf("compare %s with %s: no kernel is in both (%s)", base, new, strings.Join(unmatched, "; "))
	}
	c.lost = compare.Lost(sides[0], pairs)
	old, now := results[0].Machine, results[1].Machine
	if old.Fingerprint != now.Fingerprint {
		c.machines = fmt.Sprintf("%s was measured on %s, %s on %s; times of different machines do not tell whether the code got better",
			base, machineName(old), new, machineName(now))
		unmatched = append(unmatched, "the machines: "+c.machines)
		c.baseHost = &old
	}
	c.host, c.time = now, results[1].Time
	return pairs, unmatched, nil
}

// machineName is how a machine is told from others: two of one model differ in the fingerprint.
func machineName(m roofline.Machine) string {
	return strings.TrimSpace(units.OneLine(m.CPU.Name) + " (" + m.Fingerprint + ")")
}

// kernels compares two kernels live, at every shape that both can take.
func (c *comparer) kernels(ctx context.Context, base, new string) ([]compare.Pair, []string, error) {
	var err error
	var sel [2]*selection
	for i, name := range []string{base, new} {
		if sel[i], err = selectKernels([]string{name}, &c.o.options); err != nil {
			return nil, nil, err
		}
	}
	if here, _, err := machine.Identify(); err == nil {
		if err := checkMemory(slices.Concat(sel[0].items, sel[1].items), here.Environment.MemoryBytes); err != nil {
			return nil, nil, err
		}
	}
	if err := c.prepare(ctx); err != nil {
		return nil, nil, err
	}
	list := c.roofs
	var all []compare.Pair
	var unmatched []string
	for _, a := range sel[0].items {
		found := false
		for _, b := range sel[1].items {
			if a.Kernel.Op != b.Kernel.Op || a.Shape != b.Shape || a.Kernel.DType != b.Kernel.DType && len(sel[1].items) > 1 {
				continue
			}
			found = true
			id := fmt.Sprintf("%s %s", a.Kernel.ID(), a.Shape)
			if a.Kernel != b.Kernel {
				id = fmt.Sprintf("%s → %s %s", a.Kernel.ID(), b.Kernel.ID(), a.Shape)
			}
			runner := func(kernel, shape string) *kernelRunner {
				return &kernelRunner{label: kernel, ceilings: list, request: sampleRequest{
					Kernel: kernel, Shape: shape, Threads: c.o.threads, Budget: c.budget(), Sources: c.o.source, Machine: c.host}}
			}
			p, _, err := c.live(ctx, compare.OfKernels, len(sel[0].items), id, runner(a.Kernel.ID(), a.Shape.String()), runner(b.Kernel.ID(), b.Shape.String()))
			if err != nil {
				return nil, nil, err
			}
			all = append(all, p...)
		}
		if !found {
			unmatched = append(unmatched, fmt.Sprintf("%s %s: nothing in %s to compare it with", a.Kernel.ID(), a.Shape, new))
		}
	}
	if len(all) == 0 {
		return nil, nil, usagef("compare %s with %s: they are different operations, or have no shape in common", base, new)
	}
	return all, unmatched, nil
}
