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
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/doctor"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/ccall"
	"github.com/roofline-go/roofline/roofline/native/helper"
)

// nativeOptions say which function of a shared object is meant, how it is called, and what it may take.
type nativeOptions struct {
	function  string
	as        string
	signature described
	limits    helper.Limits
}

func (n *nativeOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&n.function, "function", "", "the `NAME` of the function in the shared object; compare takes BASE,NEW for two")
	f.StringVar(&n.as, "as", "", "how the function is called and what it computes: `NAME:SHAPE`, e.g. sgemm:512x512x512; see roofline help tune.md")
	f.Var(&n.signature, "signature", "any other function's `ARGUMENTS`, e.g. 'f32[262144], i64=512'; its result is not checked; see roofline help objects.md")
	n.limits = helper.DefaultLimits
	f.Var((*positive)(&n.limits.Wall), "time-limit", "end a process that runs the function after this `TIME`")
	f.Int64Var(&n.limits.Memory, "memory-limit", n.limits.Memory, "let a process that runs the function map so many `BYTES`; 0 for no limit")
}

// described is the value of --signature, which may be given and empty: the function has no parameters then.
type described struct {
	text  string
	given bool
}

func (d *described) Set(text string) error { d.text, d.given = text, true; return nil }
func (d *described) Type() string          { return "string" }
func (d *described) String() string        { return d.text }

// functions are the names of the base's and the new side's function.
func (n *nativeOptions) functions() (base, new string) {
	base, new, two := strings.Cut(n.function, ",")
	if !two {
		new = base
	}
	return base, new
}

// check refuses what does not say which function is called how.
func (n *nativeOptions) check(o *options) error {
	if _, err := openSources(o.source, o.counting); err != nil {
		return err
	}
	switch {
	case n.function == "":
		return usagef("--function: name the function of the shared object")
	case n.as == "" && !n.signature.given:
		return usagef("--as: say how the function is called, e.g. --as sgemm:512x512x512; signatures are %s; or --signature ARGUMENTS for any other", strings.Join(native.Names(), ", "))
	case n.as != "" && n.signature.given:
		return usagef("--as and --signature both say how the function is called; use one of them")
	case n.limits.Wall <= 0 || n.limits.Memory < 0:
		return usagef("--time-limit and --memory-limit: give positive values, e.g. 60s and 8589934592")
	case n.signature.given && n.limits.Memory != helper.DefaultLimits.Memory:
		return usagef("--memory-limit means nothing to a function that --signature describes: its arrays are all it is given")
	case n.signature.given && o.threads > 1:
		return usagef("--threads %d: a C function is called on one thread", o.threads)
	}
	return nil
}

// call checks how the function is called, and finds what calls it.
func (n *nativeOptions) call(ctx context.Context, o *options, note func(string)) (objectCall, error) {
	if err := n.check(o); err != nil {
		return objectCall{}, err
	}
	c := objectCall{options: n}
	available := int64(0)
	if here, _, err := machine.Identify(); err == nil { // who cannot tell lets the process find out
		available = here.Environment.MemoryBytes
	}
	var err error
	if n.signature.given {
		spec := ccall.Spec{Signature: n.signature.text}
		if err := spec.Check(); err != nil {
			return c, usageError{fmt.Errorf("--signature: %w", err)}
		}
		if err := spec.CheckMemory(available); err != nil {
			return c, unfitError{err}
		}
		c.program, err = thisProgram()
		return c, err
	}
	if c.known, err = native.Parse(n.as); err != nil {
		return c, usageError{fmt.Errorf("--as: %w", err)}
	}
	if err := c.known.CheckMemory(available); err != nil {
		return c, unfitError{err}
	}
	if most := c.known.MaxThreads(); o.threads > most {
		return c, usagef("--threads %d: %s is a plain function of one thread; describe the kernel with a struct (--as struct:…, roofline_kernel.h) to divide its work", o.threads, c.known.Name)
	}
	c.program, err = helper.Find(ctx, note)
	return c, err
}

// objectCall is how a function of an object is called, and the program that does it.
type objectCall struct {
	options *nativeOptions
	known   native.Signature // of --as
	program string           // the helper, or for --signature this program
}

func (c objectCall) String() string {
	if c.options.signature.given {
		return "(" + c.options.signature.text + ")"
	}
	return c.known.String()
}

// objectRunner is a function of an object as the side of a comparison.
type objectRunner interface {
	compare.Runner
	Warned() []string
}

// runner makes a function of an object the side of a comparison. The object is what was built as file, or a copy of that.
func (c objectCall) runner(label, object, file, function string, o *options, budget time.Duration, host roofline.Machine, roofs []roofline.Ceiling) objectRunner {
	sources := o.source
	if len(sources) == 0 {
		sources = native.DefaultSources
	}
	if c.options.signature.given {
		var names []perf.SourceName
		for _, s := range sources {
			names = append(names, perf.SourceName(s))
		}
		return &ccall.Runner{Name: label, File: file, Plan: ccall.Plan{
			Spec:  ccall.Spec{Object: object, Function: function, Signature: c.options.signature.text},
			Count: []string{c.program, countObjectCommand}, Time: []string{c.program, timeObjectCommand},
			Budget: budget, Limit: c.options.limits.Wall, Sources: names,
			Choice:   perf.Choice{Explicit: len(o.source) > 0, Verdicts: doctor.Stored(host, "")},
			Ceilings: roofs, Machine: host, Floor: noiseFloor(host.Fingerprint),
		}}
	}
	return &helper.Runner{Name: label, Helper: c.program, Limits: c.options.limits, Ceilings: roofs,
		Request: native.Request{Object: object, Function: function, Signature: c.known, Threads: o.threads, Budget: budget, Machine: host,
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
	call, err := c.o.native.call(ctx, &c.o.options, c.report.note)
	if err != nil {
		return nil, nil, err
	}
	if err := c.prepare(ctx); err != nil {
		return nil, nil, err
	}
	f, g := c.o.native.functions()
	a := call.runner(base+" "+f, base, base, f, &c.o.options, c.budget(), c.host, c.roofs)
	b := call.runner(new+" "+g, new, new, g, &c.o.options, c.budget(), c.host, c.roofs)
	pairs, _, err := c.live(ctx, compare.OfKernels, 1, fmt.Sprintf("%s → %s %s", a.Label(), b.Label(), call), a, b)
	for _, w := range append(a.Warned(), b.Warned()...) {
		if !slices.Contains(c.notes, w) {
			c.notes = append(c.notes, w)
		}
	}
	return pairs, nil, err
}
