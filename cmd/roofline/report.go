package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/plots/report"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/session"
)

func newReport() *cobra.Command {
	o := &options{}
	var title string
	cmd := &cobra.Command{
		Use:   "report RESULT... | SESSION",
		Short: "Write one self-contained interactive HTML file",
		Long: `Write results as one HTML file that opens from disk without a network: the interactive roofline, what binds each kernel
and what to do about it, traffic, caches, samples, machine and quality, and the data for download (roofline help report.md).

One RESULT (.json) is reported by itself; two are compared, the first being the base; more than two, a store (.jsonl) or the
NAME of a tuning session of --out DIR become a dashboard with the trend of every kernel.`,
		Example: `  roofline report roofline-out/result.json
  roofline report before.json after.json
  roofline report roofline-out/results.jsonl
  roofline report my-session`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("report needs a result file or the name of a session, e.g. roofline report roofline-out/result.json")
			}
			out, err := laterOutput(cmd.OutOrStdout(), cmd.ErrOrStderr(), o, "report")
			if err != nil {
				return err
			}
			return out.untilInterrupted(cmd.Context(), func() error {
				in, err := reportInput(cmd.ErrOrStderr(), o.out, args)
				if err != nil {
					return err
				}
				in.Title = title
				return errors.Join(out.report(in), out.summary())
			})
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "roofline-out", "write report.html into `DIR`, where sessions are, too")
	cmd.Flags().StringVar(&title, "title", "", "the heading `TEXT` of the report")
	return cmd
}

// reportInput reads what to report: result documents, a store, or a session by name.
func reportInput(stderr io.Writer, dir string, args []string) (report.Input, error) {
	in := report.Input{Floors: storedFloor, Session: len(args) > 2}
	if len(args) == 1 {
		switch _, err := os.Stat(args[0]); {
		case errors.Is(err, fs.ErrNotExist) && filepath.Ext(args[0]) == "":
			s, err := session.Find(dir, args[0])
			if err != nil {
				return in, err
			}
			in.Name = s.Name
			return fromRecords(stderr, in, s.Path())
		case filepath.Ext(args[0]) == ".jsonl":
			return fromRecords(stderr, in, args[0])
		}
	}
	named := map[string]int{}
	for _, path := range args {
		named[nameOf(path)]++
	}
	for _, path := range args {
		res, err := readResult(stderr, path)
		if err != nil {
			return in, err
		}
		label := nameOf(path)
		if named[label] > 1 { // before/result.json and after/result.json
			label = path
		}
		in.Entries = append(in.Entries, report.Entry{Label: label, Record: recordOf(res)})
	}
	return in, nil
}

// nameOf is the name of a file without folder and ending.
func nameOf(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }

// fromRecords reads a session or a store; lines that cannot be read are named, and the rest is used.
func fromRecords(stderr io.Writer, in report.Input, path string) (report.Input, error) {
	records, skipped, err := session.ReadRecords(path)
	if err != nil {
		return in, curedMissing(path, err)
	}
	nameSkipped(stderr, path, skipped)
	n := 0
	for _, r := range records {
		e := report.Entry{Record: r}
		if r.Result != nil {
			n = r.Number(n)
			e.Label = strings.TrimRight(fmt.Sprintf("#%d %s", n, r.Code.Short()), " ")
		}
		in.Entries = append(in.Entries, e)
	}
	if n == 0 {
		return in, fmt.Errorf("report %s: it has no measurement yet", path)
	}
	in.Session = true
	return in, nil
}

// recordOf makes a record of a result alone.
func recordOf(res *roofline.Result) *session.Record {
	return &session.Record{Schema: session.RecordSchema, Time: res.Time, Kind: session.Measure, Machine: res.Machine.Fingerprint, Result: res}
}

// reportOf writes the report of one result, unless the user wants none.
func (o *output) reportOf(res *roofline.Result) error {
	if !o.html {
		return nil
	}
	return o.report(report.Input{Entries: []report.Entry{{Label: o.name, Record: recordOf(res)}}})
}

// report writes report.html.
func (o *output) report(in report.Input) error {
	return o.file(filepath.Join(o.dir, "report.html"), func(w io.Writer) error { return report.Write(w, in) })
}
