package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/helper"
)

// nativeOptions say which function of a shared object is meant, how it is called, and what it may take.
type nativeOptions struct {
	function string
	as       string
	limits   helper.Limits
}

func (n *nativeOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&n.function, "function", "", "the `NAME` of the function in the shared object; compare takes BASE,NEW for two")
	f.StringVar(&n.as, "as", "", "how the function is called and what it computes: `NAME:SHAPE`, e.g. sgemm:512x512x512; see roofline help tune.md")
	n.limits = helper.DefaultLimits
	f.Var((*positive)(&n.limits.Wall), "time-limit", "end a process that runs the function after this `TIME`")
	f.Int64Var(&n.limits.Memory, "memory-limit", n.limits.Memory, "let a process that runs the function map so many `BYTES`; 0 for no limit")
}

// signature reads --as.
func (n *nativeOptions) signature(o *options) (native.Signature, error) {
	threads := o.threads
	if _, err := openSources(o.source, o.counting); err != nil {
		return native.Signature{}, err
	}
	switch {
	case n.function == "":
		return native.Signature{}, usagef("--function: name the function of the shared object")
	case n.as == "":
		return native.Signature{}, usagef("--as: say how the function is called, e.g. --as sgemm:512x512x512; signatures are %s", strings.Join(native.Names(), ", "))
	case n.limits.Wall <= 0 || n.limits.Memory < 0:
		return native.Signature{}, usagef("--time-limit and --memory-limit: give positive values, e.g. 60s and 8589934592")
	}
	s, err := native.Parse(n.as)
	if err != nil {
		return s, usageError{fmt.Errorf("--as: %w", err)}
	}
	if here, _, err := machine.Identify(); err == nil { // who cannot tell lets the process find out
		if err := s.CheckMemory(here.Environment.MemoryBytes); err != nil {
			return s, unfitError{err}
		}
	}
	if most := s.MaxThreads(); threads > most {
		return s, usagef("--threads %d: %s is a plain function of one thread; describe the kernel with a struct (--as struct:…, roofline_kernel.h) to divide its work", threads, s.Name)
	}
	return s, nil
}

// functions are the names of the base's and the new side's function.
func (n *nativeOptions) functions() (base, new string) {
	base, new, two := strings.Cut(n.function, ",")
	if !two {
		new = base
	}
	return base, new
}

// runner makes a function of an object the side of a comparison.
func (n *nativeOptions) runner(label, program, object, function string, s native.Signature, o *options, budget time.Duration, host roofline.Machine, roofs []roofline.Ceiling) *helper.Runner {
	sources := o.source
	if len(sources) == 0 {
		sources = native.DefaultSources
	}
	return &helper.Runner{Name: label, Helper: program, Limits: n.limits, Ceilings: roofs,
		Request: native.Request{Object: object, Function: function, Signature: s, Threads: o.threads, Budget: budget, Machine: host,
			Sources: sources, Explicit: len(o.source) > 0}}
}

// isObject says whether an argument names a shared object.
func isObject(arg string) bool {
	if strings.HasSuffix(arg, ".so") || strings.Contains(arg, ".so.") {
		return true
	}
	f, err := os.Open(arg)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4)
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, []byte("\x7fELF"))
}

// objects compares a function of two shared objects, or two functions.
func (c *comparer) objects(ctx context.Context, base, new string) ([]compare.Pair, []string, error) {
	for _, path := range []string{base, new} {
		if _, err := os.Stat(path); err != nil {
			return nil, nil, fmt.Errorf("compare shared objects: %w (build it first)", err)
		}
	}
	s, err := c.o.native.signature(&c.o.options)
	if err != nil {
		return nil, nil, err
	}
	program, err := helper.Find(ctx, c.report.note)
	if err != nil {
		return nil, nil, err
	}
	if err := c.prepare(ctx); err != nil {
		return nil, nil, err
	}
	f, g := c.o.native.functions()
	a := c.o.native.runner(base+" "+f, program, base, f, s, &c.o.options, c.budget(), c.host, c.roofs)
	b := c.o.native.runner(new+" "+g, program, new, g, s, &c.o.options, c.budget(), c.host, c.roofs)
	pairs, _, err := c.live(ctx, compare.OfKernels, 1, fmt.Sprintf("%s → %s %s", a.Name, b.Name, s), a, b)
	for _, w := range append(a.Warnings, b.Warnings...) {
		if !slices.Contains(c.notes, w) {
			c.notes = append(c.notes, w)
		}
	}
	return pairs, nil, err
}
