package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/session"
)

// plotOptions are the flags of plot.
type plotOptions struct {
	options
	inTerminal bool
	charts     []string
	kernel     string
	theme      string
	roofs      string
}

// The charts that plot draws: of each result, of a pair of results, of the measurements in a store or session.
var (
	resultCharts = []string{"roofline", "sweep", "latency", "traffic", "waterfall"}
	pairCharts   = []string{"ab", "distribution"}
	storyCharts  = []string{"trajectory"}
)

func newPlot() *cobra.Command {
	o := &plotOptions{}
	cmd := &cobra.Command{
		Use:   "plot RESULT...",
		Short: "Redraw charts from stored results",
		Long: `Redraw charts from stored results: result documents (.json), or a store (.jsonl), of which the newest measurement is drawn.
Each chart is named after its file.

--chart chooses what is drawn, one or several of:
  roofline      kernels under the measured roofs (the default)
  sweep         bandwidth over the working set, with the plateaus found in it
  latency       time of a dependent load over the working set
  traffic       what each level serves, as a share of its measured bandwidth
  waterfall     where the time of a call goes, from the ideal to the measured time
  ab            two results, BASE NEW: every kernel's speed-up against the noise floor
  distribution  two results, BASE NEW: the samples of each kernel above each other
  trajectory    a store or a session (.jsonl): a kernel's performance from measurement to measurement

Old results are drawn under the roofs that they were measured with, and with --ceilings current under those that are stored
for their machine now: roofline ceilings --refresh measures them again.`,
		Example: `  roofline plot roofline-out/result.json --chart roofline,traffic --format pdf
  roofline plot roofline-out/ceilings.json --chart sweep,latency --theme dark
  roofline plot old/result.json new/result.json --chart ab,distribution
  roofline plot roofline-out/results.jsonl --chart trajectory --kernel matmul`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("plot needs at least one result file, e.g. roofline plot roofline-out/result.json")
			}
			out, err := laterOutput(cmd.OutOrStdout(), cmd.ErrOrStderr(), &o.options, "result")
			if err != nil {
				return err
			}
			if err := o.check(out, args); err != nil {
				return err
			}
			return out.untilInterrupted(cmd.Context(), func() error { return errors.Join(o.plot(out, args), out.summary()) })
		},
	}
	o.addOutput(cmd)
	f := cmd.Flags()
	f.Lookup("json").Hidden = true
	f.BoolVar(&o.inTerminal, "terminal", false, "also draw the chart in the terminal")
	f.StringSliceVar(&o.charts, "chart", []string{"roofline"}, "draw `CHART`: "+strings.Join(slices.Concat(resultCharts, pairCharts, storyCharts), ", "))
	f.StringVar(&o.kernel, "kernel", "", "draw only kernels whose name begins with `NAME`, e.g. matmul/avx512")
	f.StringVar(&o.roofs, "ceilings", "stored", "`ROOFS` to draw: stored, those of each result, or current, those that roofline ceilings has measured last on its machine")
	f.StringVar(&o.theme, "theme", "light", "colours of `THEME` light or dark")
	return cmd
}

// check refuses what does not fit together before anything is read.
func (o *plotOptions) check(out *output, args []string) error {
	switch o.theme {
	case "light":
	case "dark":
		out.theme = plots.Dark
	default:
		return usagef("--theme %s: use light or dark", o.theme)
	}
	if o.roofs != "stored" && o.roofs != "current" {
		return usagef("--ceilings %s: use stored or current", o.roofs)
	}
	known := strings.Join(slices.Concat(resultCharts, pairCharts, storyCharts), ", ")
	if len(o.charts) == 0 {
		return usagef("--chart is empty; use %s", known)
	}
	for _, c := range o.charts {
		switch {
		case slices.Contains(pairCharts, c):
			if len(args) != 2 {
				return usagef("--chart %s compares two results: roofline plot BASE NEW --chart %s", c, c)
			}
		case !slices.Contains(resultCharts, c) && !slices.Contains(storyCharts, c):
			return usagef("--chart: unknown chart %q; use %s", c, known)
		}
	}
	return nil
}

func (o *plotOptions) plot(out *output, paths []string) error {
	names := map[string]string{}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if other, taken := names[name]; taken && !o.onlyPairs() {
			return usagef("%s and %s would both draw %s; plot them into two directories with --out", other, path, name)
		}
		names[name] = path
		if err := o.plotFile(out, path, name); err != nil {
			if strings.HasPrefix(err.Error(), path+": ") { // as what reads it says
				return fmt.Errorf("plot %w", err)
			}
			return fmt.Errorf("plot %s: %w", path, err)
		}
	}
	if slices.ContainsFunc(o.charts, func(c string) bool { return slices.Contains(pairCharts, c) }) {
		return o.plotPair(out, paths[0], paths[1])
	}
	return nil
}

// onlyPairs says whether no chart is named after a single file.
func (o *plotOptions) onlyPairs() bool {
	return !slices.ContainsFunc(o.charts, func(c string) bool { return !slices.Contains(pairCharts, c) })
}

// plotFile draws the charts of one result or store.
func (o *plotOptions) plotFile(out *output, path, name string) error {
	for _, chart := range o.charts {
		if slices.Contains(storyCharts, chart) {
			if err := o.plotStory(out, path, name); err != nil {
				return err
			}
		}
	}
	if !slices.ContainsFunc(o.charts, func(c string) bool { return slices.Contains(resultCharts, c) }) {
		return nil
	}
	res, err := readResult(out.stderr, path)
	if err != nil {
		return err
	}
	if o.roofs == "current" {
		if err := replace(res); err != nil {
			return err
		}
	}
	if res, err = o.only(res); err != nil {
		return err
	}
	for _, chart := range o.charts {
		if err := plotResult(out, res, chart, name); err != nil {
			return err
		}
	}
	if out.chart = o.inTerminal; out.chart {
		return out.show(res)
	}
	return out.table(res)
}

// replace places the runs of a result under the ceilings that are stored for its machine now.
func replace(res *roofline.Result) error {
	roofs, warnings := ceilings.Load(res.Machine.Fingerprint)
	if len(roofs) == 0 {
		return fmt.Errorf("no ceilings are stored here for the machine of the result, %s (measure them there: roofline ceilings; or leave --ceilings current out)", res.Machine.Fingerprint)
	}
	res.Ceilings = roofs
	res.Warnings = append(res.Warnings, warnings...)
	for i := range res.Runs {
		res.Warnings = append(res.Warnings, roofline.Place(&res.Runs[i], roofs)...)
	}
	return nil
}

// plotResult draws one chart of a result.
func plotResult(out *output, res *roofline.Result, chart, name string) error {
	switch chart {
	case "roofline":
		return out.charts(res, name)
	case "sweep":
		return written(out, name+"-sweep")(plots.Sweep(res))
	case "latency":
		return written(out, name+"-latency")(plots.Latency(res))
	case "traffic":
		return written(out, name+"-traffic")(plots.Traffic(res))
	case "waterfall":
		return plotWaterfalls(out, res, name)
	}
	return nil
}

// written takes what a function of package plots returns and writes it.
func written(out *output, name string) func(*plots.Chart, error) error {
	return func(c *plots.Chart, err error) error {
		if err != nil {
			return err
		}
		return out.draw(c, name)
	}
}

// plotWaterfalls draws one chart for each run whose gap is known.
func plotWaterfalls(out *output, res *roofline.Result, name string) error {
	n := 0
	for i := range res.Runs {
		if a := res.Runs[i].Analysis; a == nil || a.Gap == nil {
			continue
		}
		n++
		if err := written(out, fmt.Sprintf("%s-waterfall-%d", name, n))(plots.Waterfall(&res.Runs[i])); err != nil {
			return err
		}
	}
	if n == 0 {
		return errors.New("draw waterfall: no run of the result has an analysis of its gap")
	}
	return nil
}

// only is the result with the runs that --kernel names.
func (o *plotOptions) only(res *roofline.Result) (*roofline.Result, error) {
	if o.kernel == "" {
		return res, nil
	}
	out := *res
	out.Runs = slices.DeleteFunc(slices.Clone(res.Runs), func(r roofline.Run) bool { return !strings.HasPrefix(r.ID(), o.kernel) })
	if len(out.Runs) == 0 && len(res.Runs) > 0 {
		return nil, usagef("--kernel %s: the result has no such run (it has %s)", o.kernel, strings.Join(runNames(res), ", "))
	}
	return &out, nil
}

// sweeps draws the curves over the working set, where the result has them: ceilings of older versions have none.
func (o *output) sweeps(res *roofline.Result, name string) error {
	for suffix, draw := range map[string]func(*roofline.Result) (*plots.Chart, error){"-sweep": plots.Sweep, "-latency": plots.Latency} {
		chart, err := draw(res)
		if errors.Is(err, plots.ErrNoSweep) {
			continue
		}
		if err := written(o, name+suffix)(chart, err); err != nil {
			return err
		}
	}
	return nil
}

// readResult reads a result document, or from a store the newest record with runs, the newest of all where none has any. Lines of
// the store that cannot be read are named on stderr.
func readResult(stderr io.Writer, path string) (*roofline.Result, error) {
	if filepath.Ext(path) != ".jsonl" {
		res, err := session.ReadDocument(path)
		return res, curedMissing(path, err)
	}
	records, skipped, err := session.Read(path)
	if err != nil {
		return nil, curedMissing(path, err)
	}
	if len(records) == 0 {
		return nil, noRecord(path, skipped)
	}
	nameSkipped(stderr, path, skipped)
	for _, res := range slices.Backward(records) {
		if len(res.Runs) > 0 {
			return res, nil
		}
	}
	return records[len(records)-1], nil
}

// nameSkipped names the lines of a store or a session that could not be read; the rest is used.
func nameSkipped(stderr io.Writer, path string, skipped []error) {
	for _, e := range skipped {
		fmt.Fprintf(stderr, "skipped %s %v\n", path, e)
	}
}

// noRecord says that a store has nothing to read.
func noRecord(path string, skipped []error) error {
	if len(skipped) == 0 {
		return fmt.Errorf("read store %s: it is empty (roofline measure adds to the store of its --out DIR)", path)
	}
	return fmt.Errorf("read store %s: no usable record: %w", path, errors.Join(skipped...))
}
