package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/native/helper"
	"github.com/roofline-go/roofline/roofline/native/peer"
)

// peerSpecs reads --peer.
func (o *options) peerSpecs() (specs []peer.Spec, err error) {
	for _, text := range o.peers {
		s, err := peer.ParseSpec(text)
		if err != nil {
			return nil, usageError{fmt.Errorf("--peer: %w", err)}
		}
		specs = append(specs, s)
	}
	return specs, nil
}

// addPeers adds to the items what other libraries compute of the same.
func addPeers(ctx context.Context, items []measure.Item, o *options, note func(string)) ([]measure.Item, []*peer.Library, error) {
	specs, err := o.peerSpecs()
	if err != nil || len(specs) == 0 {
		return items, nil, err
	}
	if _, err := workers.CPUs(o.threads); err != nil {
		return nil, nil, usageError{err}
	}
	program, err := helper.Find(ctx, note)
	if err != nil {
		return nil, nil, err
	}
	list, err := peer.Open(program, specs, o.threads)
	if missing := (*peer.MissingError)(nil); errors.As(err, &missing) {
		return nil, nil, unfitError{err}
	}
	if err != nil {
		return nil, nil, err
	}
	more := peer.Items(list, items)
	if len(more) == 0 {
		return nil, nil, usagef("--peer %s: no function for %s; `roofline help peers` has the operations and types of each library", strings.Join(o.peers, ","), problems(items))
	}
	return append(items, more...), list, nil
}

// problems names the operations and types that are measured.
func problems(items []measure.Item) string {
	var list []string
	for _, item := range items {
		if p := item.Kernel.Op + " of " + string(item.Kernel.DType); !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return strings.Join(list, ", ")
}

// notePeers tells which kernels of theirs compute wrong results.
func notePeers(res *roofline.Result, list []*peer.Library) {
	for _, l := range list {
		for _, text := range l.Notes() {
			res.Warnings = append(res.Warnings, roofline.Warning{Text: text})
		}
	}
}

// peers says below the table which builds were measured, and how they were set up.
func (o *output) peers(res *roofline.Result) error {
	if o.tableForm != "text" {
		return nil
	}
	width, _ := terminal(o.human())
	var b strings.Builder
	for line := range strings.Lines(peer.Against(res.Runs) + peer.Summary(res.Runs)) {
		if b.Len() == 0 {
			b.WriteByte('\n')
		}
		text := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(text)]
		fmt.Fprintf(&b, "%s%s\n", indent, foldWords(strings.Fields(text), width-len(indent), indent+"  "))
	}
	_, err := io.WriteString(o.human(), b.String())
	return err
}
