package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/history"
	"github.com/roofline-go/roofline/roofline/loop"
	"github.com/roofline-go/roofline/roofline/native/helper"
	"github.com/roofline-go/roofline/roofline/session"
)

// show prints what an iteration found, and records it.
func (t *tuner) show(ctx context.Context, step loop.Step) error {
	switch {
	case step.Failure != nil:
		lines{w: t.out}.block(fmt.Sprintf("#%d %s", step.N, failureBlock(step.Failure)))
		return t.note(ctx, fmt.Sprintf("iteration %d: %s", step.N, firstLine(step.Failure)))
	case step.Same > 0:
		_, err := fmt.Fprintf(t.out, "#%d is byte for byte #%d: nothing to measure\n", step.N, step.Same)
		return err
	}
	analyse(step.Run, t.host, t.roofs)
	p := lines{w: t.out}
	p.wrap(fmt.Sprintf("#%d ", step.N), performance(step.Run))
	if step.Previous != nil {
		p.wrap("  against #"+label(step.Previous)+": ", step.Previous.Verdict.Text)
	}
	if step.Best != nil {
		p.wrap("  against #"+label(step.Best)+", the best: ", step.Best.Verdict.Text)
	}
	if step.Run.Bound != nil && step.IsBest {
		for _, advice := range step.Run.Bound.Advice[:min(len(step.Run.Bound.Advice), mostAdvice)] {
			p.wrap("  next: ", advice)
		}
	}
	for _, note := range []string{aboveRoof(*step.Run, t.roofs), otherWork(*step.Run)} {
		if note != "" {
			p.wrap("  note: ", note)
		}
	}
	for _, w := range t.subject.warnings() {
		p.wrap("  note: ", w)
	}
	if step.IsBest && step.Previous != nil {
		fmt.Fprintln(t.out, "  <== the best so far")
	}
	return errors.Join(t.record(ctx, step), t.chart(step.Run))
}

// otherWork says that a run executes FLOPs of another order than are declared; "" if it does not.
func otherWork(run roofline.Run) string {
	const order = 10 // padding, tails and softmax make up less
	ratio, ok := run.ExecutedOverAlgorithmic()
	if !ok || ratio < order && ratio > 1./order {
		return ""
	}
	return fmt.Sprintf("it executes %.2g × the FLOPs that are declared: what is declared is wrong, or other libraries do the work, which are not counted", ratio)
}

// mostAdvice is how much of the advice an iteration shows: one edit follows, and then it is another kernel. The report of the session has all.
const mostAdvice = 2

// firstLine is the first line of an error, without the colon that leads to the others.
func firstLine(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSuffix(first, ":")
}

// label is the number of the base of a comparison.
func label(c *compare.Comparison) string { return strings.TrimPrefix(c.Base.Label, "#") }

// performance is a run in one line.
func performance(r *roofline.Run) string {
	text := fmt.Sprintf("%s: %s", r.Variant, units.SI(r.Time.Median, "s"))
	if r.Variant == "go" || r.Object != nil && r.Object.As == "" { // a benchmark, or a function of which nobody said what it computes
		text = fmt.Sprintf("%s: %s", r.Kernel, units.SI(r.Time.Median, "s"))
	}
	if rate, unit := r.Rate(); rate.Median > 0 {
		text += ", " + units.SI(rate.Median, unit)
	}
	if r.Bound != nil {
		text += fmt.Sprintf(", %.1f %% of %s", 100*r.Bound.Fraction, roofline.BoundName(r.Bound.By))
	}
	if r.Verified.Tolerance > 0 {
		text += fmt.Sprintf("; error %.2g of %.2g allowed", r.Verified.MaxError, r.Verified.Tolerance)
	}
	return text
}

// failureBlock is a failure in a few readable lines.
func failureBlock(err error) string {
	var failure *helper.Failure
	var build *loop.BuildError
	switch {
	case errors.As(err, &build):
		return build.Block()
	case errors.As(err, &failure):
		return failure.Block()
	}
	return err.Error()
}

// note writes a note into the session.
func (t *tuner) note(ctx context.Context, text string) error {
	r := session.NewRecord(session.Note)
	r.Note, r.Code = text, session.CodeAt(context.WithoutCancel(ctx), ".")
	return t.session.Append(r)
}

// record writes a step into the session.
func (t *tuner) record(ctx context.Context, step loop.Step) error {
	res := roofline.NewResult(t.host)
	res.Ceilings, res.Runs = t.roofs, []roofline.Run{*step.Run}
	report := &compare.Report{}
	for _, c := range []*compare.Comparison{step.Previous, step.Best} {
		if c != nil {
			report.Comparisons = append(report.Comparisons, *c)
		}
	}
	r := measured(session.Tune, res)
	r.Iteration = step.N
	if len(report.Comparisons) > 0 {
		if err := r.Attach(report); err != nil {
			return err
		}
	}
	return recordIn(ctx, t.session, r)
}

// chart draws the way of the kernel over the roofline. What has no place on it is not drawn.
func (t *tuner) chart(run *roofline.Run) error {
	records, _, err := t.session.Records()
	if err != nil || len(run.Points) == 0 {
		return err
	}
	list := history.Trajectories(records, storedFloor)
	mine, err := pickTrajectory(t.session.Name, list, history.Key(*run))
	if err != nil {
		return err
	}
	res, labels := storyOf(drawnSteps(mine))
	w := io.Discard
	if !t.drawn {
		w = t.out
	}
	t.drawn = true
	return drawSteps(w, res, labels, filepath.Join(t.o.out, "tune-"+t.session.Name))
}

// end prints the summary and closes the session that the loop began.
func (t *tuner) end() error {
	fmt.Fprintln(t.out)
	if n, best := t.loop.Best(); best != nil {
		lines{w: t.out}.wrap(fmt.Sprintf("best: #%d ", n), performance(best))
	} else {
		fmt.Fprintln(t.out, "nothing was measured")
	}
	fmt.Fprintf(t.out, "session %s: roofline session log %s%s\n", t.session.Name, t.session.Name, t.outFlag())
	if now, err := session.Current(t.o.out); !t.begun || err != nil || now.Name != t.session.Name {
		return nil
	}
	if t.o.iterations != 1 { // what a single iteration has begun the next one goes on with
		fmt.Fprintf(t.out, "to go on with it, before the next tune: roofline session start %s%s\n", t.session.Name, t.outFlag())
	}
	return session.End(t.o.out)
}

func (t *tuner) outFlag() string {
	if t.o.out == "roofline-out" {
		return ""
	}
	return " --out " + t.o.out
}

// lines prints texts in lines of a readable width.
type lines struct{ w io.Writer }

// block prints lines, of which long ones are wrapped; what a program printed, four columns in, stays as it is.
func (p lines) block(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		rest := strings.TrimLeft(line, " ")
		if indent := line[:len(line)-len(rest)]; len(indent) < 4 {
			p.wrap(indent, rest)
			continue
		}
		fmt.Fprintln(p.w, line)
	}
}

// wrap prints a text behind a prefix; further lines are indented.
func (p lines) wrap(prefix, text string) { p.hang(prefix, "     ", text) }

// hang prints a text behind a prefix, and further lines behind an indent.
func (p lines) hang(prefix, indent, text string) {
	for _, line := range units.Hang(prefix, indent, text, 80) {
		fmt.Fprintln(p.w, line)
	}
}
