package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far a measurement is: a bar on a terminal, a plain line every few seconds elsewhere. It draws only when
// it is called, which is between samples, so nothing is drawn while a kernel is timed.
type progress struct {
	w       io.Writer
	off     bool
	tty     bool
	bars    *mpb.Progress
	bar     *mpb.Bar
	refresh chan any
	what    string
	last    time.Time
}

const plainInterval = 5 * time.Second

func newProgress(w io.Writer, off bool) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, off: off, tty: ok && term.IsTerminal(int(f.Fd()))}
}

// stage begins a new phase and returns the function that reports its steps.
func (p *progress) stage(name string) func(done, total int, what string) {
	p.close()
	return func(done, total int, what string) {
		if p.off || total <= 0 {
			return
		}
		p.what = what
		if p.tty {
			p.draw(name, done, total)
			return
		}
		if done < total && time.Since(p.last) < plainInterval {
			return
		}
		p.last = time.Now()
		fmt.Fprintf(p.w, "%s: %d of %d, %s\n", name, done, total, what)
	}
}

// draw updates the bar. Refreshes are manual: no timer of the bar's own fires while a kernel is timed.
func (p *progress) draw(name string, done, total int) {
	if p.bars == nil {
		p.refresh = make(chan any)
		p.bars = mpb.New(mpb.WithOutput(p.w), mpb.WithWidth(76), mpb.WithManualRefresh(p.refresh))
		p.bar = p.bars.AddBar(int64(total), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(name+" ")),
			mpb.AppendDecorators(decor.CountersNoUnit("%d/%d "), decor.Any(func(decor.Statistics) string { return p.what })))
	}
	p.bar.SetCurrent(int64(done))
	p.refresh <- nil
}

// note prints one line that stays.
func (p *progress) note(text string) {
	if !p.off {
		fmt.Fprintln(p.w, text)
	}
}

// close ends the current bar.
func (p *progress) close() {
	if p.bars == nil {
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
	p.bars, p.bar = nil, nil
}
