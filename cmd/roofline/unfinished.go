package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/session"
)

// begin opens the journal of a measurement, after it has put into the store and the session what measurements that were
// killed have left.
func (o *output) begin(ctx context.Context) error {
	_, err := session.Recover(o.dir, func(res *roofline.Result) error { return o.recovered(ctx, res) })
	if err != nil {
		fmt.Fprintf(o.stderr, "note: what a measurement that was killed has left cannot be kept: %v\n", err)
	}
	o.journal, err = session.OpenJournal(o.dir)
	return err
}

// recovered keeps the result of a measurement that was killed, unless it had kept it itself.
func (o *output) recovered(ctx context.Context, res *roofline.Result) error {
	store, err := session.Open(o.dir)
	if err != nil || store.Has(res) {
		return err
	}
	res.Warnings = append(res.Warnings, roofline.Warning{Text: "the measurement was killed before it had finished"})
	if err := o.keep(ctx, res); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.stderr, "kept %d of the kernels of a measurement that was killed (%s)\n", len(res.Runs), res.Time)
	return err
}

// keep puts a result into the store and the session under way. That is the first thing done with it, before anything is drawn
// or printed: who reads the output may go away (| head), and that ends the program.
func (o *output) keep(ctx context.Context, res *roofline.Result) error {
	store, err := session.Open(o.dir)
	if err != nil {
		return err
	}
	return errors.Join(store.Append(res), record(ctx, o.dir, measured(session.Measure, res)))
}

// end closes the journal, unless there is a result that was not kept elsewhere.
func (o *output) end(err error, kept bool) error {
	if err != nil && !kept && !o.journal.Empty() {
		return err
	}
	return errors.Join(err, o.journal.Close())
}
