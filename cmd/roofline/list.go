package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/ceilings"
)

func newList() *cobra.Command {
	var name, format string
	cmd := &cobra.Command{
		Use:       "list [kernels|ceilings|events]",
		Short:     "List built-in kernels, known ceilings, or hardware events",
		ValidArgs: []string{"kernels", "ceilings", "events"},
		RunE: func(cmd *cobra.Command, args []string) error {
			what := "kernels"
			if len(args) > 0 {
				what = args[0]
			}
			switch {
			case len(args) > 1:
				return usagef("list takes one argument: kernels, ceilings or events")
			case what == "events":
				return listEvents(os.DirFS("/"), cmd.OutOrStdout(), cmd.ErrOrStderr(), name, format)
			case cmd.Flags().Changed("uarch"), cmd.Flags().Changed("format"):
				return usagef("--uarch and --format go with list events, not with list %s", what)
			case what == "kernels":
				return listKernels(cmd.OutOrStdout())
			case what == "ceilings":
				return listCeilings(cmd.OutOrStdout())
			}
			return usagef("cannot list %q; use kernels, ceilings or events", what)
		},
	}
	cmd.Flags().StringVar(&name, "uarch", "", "events: of the microarchitecture `NAME`, or all, instead of this machine's")
	cmd.Flags().StringVar(&format, "format", "text", "of events, `FORMAT` text, or tsv: microarchitecture, PMU, event, config, config1")
	return cmd
}

// listKernels prints a line for each kernel, and on a terminal, where the lines would not fit, what it is on lines below.
func listKernels(w io.Writer) error {
	width, _, isTerminal := terminalSize(w)
	var out strings.Builder
	tw := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "KERNEL\tISA\tHERE\tDEFAULT SHAPE\tWHAT IT IS")
	absent := reasons{}
	for _, k := range kernels.All() {
		here := "yes"
		for _, isa := range append([]cpu.ISA{k.ISA}, k.Needs...) {
			if err := cpu.Usable(isa); err != nil {
				here = "no"
				absent.add(err, k.ID())
				break
			}
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", k.ID(), k.ISA, here, kernels.DefaultShape(k.Op), k.Doc)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	text := out.String()
	if isTerminal {
		text = fitted(text, width, "WHAT IT IS", "DEFAULT SHAPE")
	}
	_, err := io.WriteString(w, text)
	return errors.Join(err, absent.print(w))
}

// fitted folds a table that is too wide at the first of the headings that makes it fit, or else at the last.
func fitted(table string, width int, headings ...string) string {
	text := table
	for _, heading := range headings {
		if !slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool { return utf8.RuneCountInString(line) > width }) {
			break
		}
		text = folded(table, heading, width)
	}
	return text
}

var gap = regexp.MustCompile("  +")

// folded puts the columns of a table from a heading on on lines of their own below the rest.
func folded(table, heading string, width int) string {
	head, _, _ := strings.Cut(table, "\n")
	at := strings.Index(head, heading)
	var out strings.Builder
	for line := range strings.Lines(table) {
		runes := []rune(strings.TrimRight(line, "\n"))
		n := min(at, len(runes))
		out.WriteString(strings.TrimRight(string(runes[:n]), " ") + "\n")
		if n == len(runes) {
			continue
		}
		for _, cell := range gap.Split(string(runes[n:]), -1) {
			for _, more := range units.Wrap(cell, max(width-5, 20)) {
				out.WriteString("    " + more + "\n")
			}
		}
	}
	return out.String()
}

func listCeilings(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "CEILING\tUNIT\tHERE")
	absent := reasons{}
	for _, e := range ceilings.Catalog() {
		here := "yes"
		if e.Unavailable != nil {
			here = "no"
			absent.add(e.Unavailable, e.ID)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", e.ID, e.Unit, here)
	}
	return errors.Join(tw.Flush(), absent.print(w))
}

// reasons say why some things are not here: each once, with the names of all that it keeps away.
type reasons struct {
	order []string
	names map[string][]string
}

func (r *reasons) add(why error, name string) {
	if r.names == nil {
		r.names = map[string][]string{}
	}
	if r.names[why.Error()] == nil {
		r.order = append(r.order, why.Error())
	}
	r.names[why.Error()] = append(r.names[why.Error()], name)
}

func (r *reasons) print(w io.Writer) error {
	for _, why := range r.order {
		lines := units.Wrap(why+": "+strings.Join(r.names[why], ", "), textWidth()-2)
		if _, err := fmt.Fprintf(w, "\n%s\n", strings.Join(lines, "\n  ")); err != nil {
			return err
		}
	}
	return nil
}
