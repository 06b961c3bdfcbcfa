package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/session"
)

func newCeilings() *cobra.Command {
	o := &options{}
	var refresh, full bool
	cmd := &cobra.Command{
		Use:   "ceilings",
		Short: "Measure this machine's ceilings: compute, bandwidth and latency",
		Long: `Measure this machine's ceilings, or show the stored ones.

Ceilings are stored per machine fingerprint. They are measured again when --refresh asks for it, and where the stored ones were
taken with less effort than is asked for: --quick is the least, --full the most; measure asks for the default unless it is told
--quick, and compare and tune take any. They are taken for one thread and for all usable CPUs; --threads adds another count.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.quick && full {
				return usagef("--quick and --full exclude each other")
			}
			if slices.Contains(o.format, "benchfmt") {
				return usagef("--format: ceilings are no benchmarks; use text, markdown, csv or pdf")
			}
			req := ceilingRequest{refresh: refresh, quick: o.quick, full: full}
			if cmd.Flags().Changed("threads") {
				req.threads = []int{o.threads}
			}
			return runCeilings(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), req, o)
		},
	}
	o.addOutput(cmd)
	cmd.Flags().Lookup("format").Usage = "write the table as `FORMAT`: text, markdown or csv; pdf: charts as PDF, too; several with commas"
	o.addRun(cmd)
	cmd.Flags().BoolVar(&refresh, "refresh", false, "measure again even where stored")
	cmd.Flags().BoolVar(&full, "full", false, "spend up to 5 minutes: narrower intervals")
	return cmd
}

func runCeilings(ctx context.Context, stdout, stderr io.Writer, req ceilingRequest, o *options) error {
	if err := checkAddressSpace(); err != nil {
		return err
	}
	out, err := openOutput(stdout, stderr, o, "ceilings")
	if err != nil {
		return err
	}
	var kept error
	if req.refresh {
		kept = cache.Forget()
	}
	host, warnings, err := machine.Describe()
	if err != nil {
		return fmt.Errorf("describe machine: %w", err)
	}
	if kept != nil {
		warnings = append(warnings, unstored(kept))
	}
	counts, err := threadCounts(req.threads)
	if err != nil {
		return err
	}
	list, more := ceilings.Load(host.Fingerprint)
	if lacking := req.lacking(list, counts); len(lacking) > 0 {
		report := newProgress(stderr, o.noProgress)
		var fresh []roofline.Warning
		list, fresh, err = measureCeilings(ctx, host.Fingerprint, list, lacking, req, report)
		report.close()
		more = append(more, fresh...)
	} else if out.tableForm == "text" {
		fmt.Fprintln(out.human(), storedText(list, ceilings.StoredAt(host.Fingerprint)))
	}
	if len(list) == 0 {
		return err
	}
	res := roofline.NewResult(host)
	res.Ceilings, res.Warnings = list, slices.Concat(warnings, measuredLevels(host.Caches), more)
	store, serr := session.Open(out.dir)
	if serr != nil {
		return errors.Join(err, serr)
	}
	width, color := terminal(out.human())
	return errors.Join(err, out.document(res), out.charts(res, "ceilings"), out.sweeps(res, "ceilings"), store.Append(res),
		plots.CeilingsTable(out.human(), res, plots.TableOptions{Format: out.tableForm, Width: width, Color: color, ASCII: asciiOnly(out.human())}),
		out.summary())
}

// storedText says of ceilings that were not measured now when they were, with which effort, and how to measure them again.
func storedText(list []roofline.Ceiling, at time.Time) string {
	var taken []string
	for _, effort := range efforts {
		if slices.ContainsFunc(list, func(c roofline.Ceiling) bool { return c.Effort == effort }) {
			taken = append(taken, cmp.Or(effort, "unknown"))
		}
	}
	return fmt.Sprintf("stored %s, taken with %s effort (--refresh measures them again)\n", at.Local().Format("2006-01-02 15:04"), strings.Join(taken, " and "))
}

// measuredLevels says which levels nobody describes.
func measuredLevels(levels []cache.Level) (notes []roofline.Warning) {
	for _, l := range levels {
		if l.Source == cache.Measured {
			notes = append(notes, roofline.Warning{
				Text: fmt.Sprintf("L%d %s, measured by how long loads take: nothing describes it", l.Level, units.Bytes(l.Bytes)),
				Cure: "`roofline ceilings --refresh` measures it again",
			})
		}
	}
	return notes
}

// ceilingRequest says which ceilings a command needs and how much time they may take.
type ceilingRequest struct {
	threads []int // thread counts needed beside 1 and all
	refresh bool  // measure even where stored
	quick   bool
	full    bool
}

// effort is the mode that a request asks for.
func (r ceilingRequest) effort() (ceilings.Mode, string) {
	switch {
	case r.full:
		return ceilings.Full, "full"
	case r.quick:
		return ceilings.Quick, "quick"
	}
	return ceilings.Default, "default"
}

// lacking are those of the thread counts of which no ceilings are stored that were taken with the effort that is asked for, or more.
func (r ceilingRequest) lacking(stored []roofline.Ceiling, counts []int) []int {
	_, effort := r.effort()
	good := func(n int) bool {
		return !r.refresh && slices.ContainsFunc(stored, func(c roofline.Ceiling) bool {
			return c.Threads == n && slices.Index(efforts, c.Effort) >= slices.Index(efforts, effort)
		})
	}
	return slices.DeleteFunc(slices.Clone(counts), good)
}

var efforts = []string{"", "quick", "default", "full"}

// ensureCeilings returns the stored ceilings of this machine, and measures and stores those that are missing or were taken
// in more of a hurry than the request wants. Stored ones of other thread counts are kept.
// When ctx is cancelled it returns what there is together with the context's error, and stores nothing.
func ensureCeilings(ctx context.Context, fingerprint string, req ceilingRequest, report *progress) ([]roofline.Ceiling, []roofline.Warning, error) {
	counts, err := threadCounts(req.threads)
	if err != nil {
		return nil, nil, err
	}
	stored, warnings := ceilings.Load(fingerprint)
	lacking := req.lacking(stored, counts)
	if len(lacking) == 0 {
		return stored, warnings, nil
	}
	all, more, err := measureCeilings(ctx, fingerprint, stored, lacking, req, report)
	return all, append(warnings, more...), err
}

// measureCeilings measures ceilings for the wanted thread counts, and stores them with those of the stored ones that are of others.
// When ctx is cancelled it stores nothing, as ensureCeilings says.
func measureCeilings(ctx context.Context, fingerprint string, stored []roofline.Ceiling, want []int, req ceilingRequest, report *progress) ([]roofline.Ceiling, []roofline.Warning, error) {
	mode, effort := req.effort()
	report.note(measuringText(want, stored, req.refresh, effort))
	kept := slices.DeleteFunc(stored, func(c roofline.Ceiling) bool { return slices.Contains(want, c.Threads) })
	fresh, warnings, err := ceilings.Measure(ctx, ceilings.Options{Mode: mode, Threads: want, Progress: report.stage("ceilings")})
	for i := range fresh {
		fresh[i].Effort = effort
	}
	all := append(kept, fresh...)
	if err != nil {
		return all, warnings, fmt.Errorf("measure ceilings: interrupted: %w", err)
	}
	if err := ceilings.Save(fingerprint, all); err != nil {
		warnings = append(warnings, unstored(err))
	}
	return all, warnings, nil
}

// unstored is the warning about what could not be stored.
func unstored(err error) roofline.Warning {
	w := roofline.Warning{Text: err.Error(), Cure: "set ROOFLINE_CACHE to a directory that can be written"}
	if strings.Contains(w.Text, "(set ROOFLINE_CACHE ") {
		w.Cure = "" // it is there
	}
	return w
}

// measuringText says for which numbers of threads ceilings are measured, and why, where some of them are stored.
func measuringText(want []int, stored []roofline.Ceiling, refresh bool, effort string) string {
	text := fmt.Sprintf("measuring this machine's ceilings for %s (stored for the next time", threadText(want))
	for _, least := range efforts[1:] {
		hasty := func(c roofline.Ceiling) bool { return slices.Contains(want, c.Threads) && c.Effort == least }
		if !refresh && slices.ContainsFunc(stored, hasty) {
			return text + fmt.Sprintf("; those that are stored were taken with %s effort, %s is asked for)", least, effort)
		}
	}
	return text + ")"
}

// threadText words thread counts: "1 and 2 threads".
func threadText(counts []int) string {
	words := make([]string, len(counts))
	for i, n := range counts {
		words[i] = strconv.Itoa(n)
	}
	text := strings.Join(words, " and ") + " threads"
	if text == "1 threads" {
		return "1 thread"
	}
	return text
}

// threadCounts returns 1, all usable CPUs and the extra counts, each once.
func threadCounts(extra []int) ([]int, error) {
	all := workers.Usable()
	for _, n := range extra {
		if _, err := workers.CPUs(n); err != nil {
			return nil, usageError{err}
		}
	}
	counts := append([]int{1, all}, extra...)
	slices.Sort(counts)
	return slices.Compact(counts), nil
}
