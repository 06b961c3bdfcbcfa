package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/cpu"
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

func listKernels(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "KERNEL\tISA\tHERE\tDEFAULT SHAPE\tWHAT IT IS")
	var notes []string
	for _, k := range kernels.All() {
		here := "yes"
		for _, isa := range append([]cpu.ISA{k.ISA}, k.Needs...) {
			if err := cpu.Usable(isa); err != nil {
				here = "no"
				notes = append(notes, fmt.Sprintf("%s: %v", k.ID(), err))
				break
			}
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", k.ID(), k.ISA, here, kernels.DefaultShape(k.Op), k.Doc)
	}
	return errors.Join(tw.Flush(), printNotes(w, notes))
}

func listCeilings(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "CEILING\tUNIT\tHERE")
	var notes []string
	for _, e := range ceilings.Catalog() {
		here := "yes"
		if e.Unavailable != nil {
			here = "no"
			notes = append(notes, fmt.Sprintf("%s: %v", e.ID, e.Unavailable))
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", e.ID, e.Unit, here)
	}
	return errors.Join(tw.Flush(), printNotes(w, notes))
}

func printNotes(w io.Writer, notes []string) error {
	for i, n := range notes {
		if i == 0 {
			fmt.Fprintln(w)
		}
		if _, err := fmt.Fprintln(w, n); err != nil {
			return err
		}
	}
	return nil
}
