package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/session"
)

func newPlot() *cobra.Command {
	o := &options{}
	var inTerminal bool
	cmd := &cobra.Command{
		Use:   "plot RESULT...",
		Short: "Redraw charts from stored results",
		Long: `Redraw charts from stored results: result documents (.json), or a store (.jsonl), of which the newest measurement is drawn.
Each chart is named after its file.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("plot needs at least one result file, e.g. roofline plot roofline-out/result.json")
			}
			out, err := openOutput(cmd.OutOrStdout(), cmd.ErrOrStderr(), o, "result")
			if err != nil {
				return err
			}
			return errors.Join(plotFiles(out, args, inTerminal), out.summary())
		},
	}
	o.addOutput(cmd)
	cmd.Flags().Lookup("json").Hidden = true
	cmd.Flags().BoolVar(&inTerminal, "terminal", false, "also draw the chart in the terminal")
	return cmd
}

// terminalRows is the height of a chart in the terminal: with the table's head it fits 24 lines.
const terminalRows = 20

func plotFiles(out *output, paths []string, inTerminal bool) error {
	names := map[string]string{}
	for _, path := range paths {
		res, err := readResult(path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if other, taken := names[name]; taken {
			return usagef("%s and %s would both draw %s; plot them into two directories with --out", other, path, name)
		}
		names[name] = path
		if err := out.charts(res, name); err != nil {
			return fmt.Errorf("plot %s: %w", path, err)
		}
		if width, _ := terminal(out.human()); inTerminal {
			if err := plots.Terminal(out.human(), res, width-2, terminalRows); err != nil {
				return err
			}
		}
		if err := out.table(res); err != nil {
			return err
		}
	}
	return nil
}

// readResult reads a result document, or from a store the newest record with runs, the newest of all where none has any.
func readResult(path string) (*roofline.Result, error) {
	if filepath.Ext(path) != ".jsonl" {
		return session.ReadDocument(path)
	}
	records, skipped, err := session.Read(path)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("read store %s: no usable record: %w", path, errors.Join(skipped...))
	}
	for _, res := range slices.Backward(records) {
		if len(res.Runs) > 0 {
			return res, nil
		}
	}
	return records[len(records)-1], nil
}
