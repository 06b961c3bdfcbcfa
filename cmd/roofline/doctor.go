package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/roofline/doctor"
)

func newDoctor() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what can be counted here, and what to change to count more",
		Long: `Say what can be counted on this machine, and what to change to count more.

Counters are compared with kernels of known work; the verdicts are stored and decide whose counts roofline measure uses.`,
		Example: `  roofline doctor
  roofline doctor --json doctor.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.json == "-" && len(args) == 1 && cmd.Flags().Changed("json") { // --json FILE: the flag stands alone, too
				o.json = args[0]
				return nil
			}
			return noArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDoctor(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.json, "json", "", "write the report as JSON to `FILE`, or to standard output")
	f.Lookup("json").NoOptDefVal = "-"
	f.StringSliceVar(&o.source, "source", nil, "examine these `SOURCES` of counts only: "+strings.Join(allSources, ", "))
	f.StringVar(&o.counting.Uarch, "uarch", "", "use the hardware events of microarchitecture `NAME`, see list events; default: found out")
	f.BoolVar(&o.quick, "quick", false, "run fewer kernels of known work")
	f.BoolVar(&o.noProgress, "no-progress", false, "print no progress")
	return cmd
}

func runDoctor(ctx context.Context, stdout, stderr io.Writer, o *options) error {
	if err := errors.Join(checkJSON(o.json), checkAddressSpace()); err != nil {
		return err
	}
	sources, err := openSources(o.source, o.counting)
	if err != nil {
		return err
	}
	bar := newProgress(stderr, o.noProgress)
	report, err := doctor.Run(ctx, doctor.Options{Sources: sources, Uarch: o.counting.Uarch, Quick: o.quick, Progress: bar.stage("counters")})
	bar.close()
	if err != nil {
		return err
	}
	width, _ := terminal(stdout)
	width = min(width, 80)
	switch o.json {
	case "":
		err = report.WriteText(stdout, width)
	case "-":
		err = encode(stdout, report)
	default:
		err = errors.Join(report.WriteText(stdout, width), writeJSON(o.json, report))
	}
	return err
}
