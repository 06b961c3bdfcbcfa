package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far a measurement is: a bar on a terminal, a plain line every few seconds elsewhere. It draws only when
// it is called, which is between samples, and returns when the drawing is done: nothing is drawn while a kernel is timed.
type progress struct {
	w       io.Writer
	off     bool
	term    *drawn // nil when w is no terminal
	bars    *mpb.Progress
	bar     *mpb.Bar
	refresh chan any
	what    atomic.Value // string
	last    time.Time
	room    int // columns for what is under way
}

// barWidth is the width of the bar in columns.
const barWidth = 24

const (
	plainInterval = 5 * time.Second
	drawInterval  = 100 * time.Millisecond
)

// drawTimeout is how long a step waits for its drawing: a terminal that takes nothing holds nobody up.
var drawTimeout = 50 * time.Millisecond

func newProgress(w io.Writer, off bool) *progress {
	p := &progress{w: w, off: off}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" { // which cannot move its cursor
		p.term = &drawn{f, make(chan struct{}, 1)}
	}
	return p
}

// drawn is a terminal that tells when something was drawn on it.
type drawn struct {
	*os.File
	done chan struct{}
}

func (d *drawn) Write(b []byte) (int, error) {
	n, err := d.File.Write(b)
	select {
	case d.done <- struct{}{}:
	default:
	}
	return n, err
}

// stage begins a new phase and returns the function that reports its steps.
func (p *progress) stage(name string) func(done, total int, what string) {
	p.close()
	complete := false // said once
	return func(done, total int, what string) {
		if p.off || total <= 0 {
			return
		}
		p.what.Store(what)
		interval := plainInterval
		if p.term != nil {
			interval = drawInterval
		}
		if done < total && time.Since(p.last) < interval || complete {
			return
		}
		complete = done == total
		p.last = time.Now()
		if p.term != nil {
			p.draw(name, done, total)
			return
		}
		fmt.Fprintln(p.w, strings.TrimSuffix(fmt.Sprintf("%s: %d of %d, %s", name, done, total, what), ", "))
	}
}

// draw updates the bar and waits until it is drawn. Refreshes are manual: the bar has no timer of its own.
func (p *progress) draw(name string, done, total int) {
	if p.bars == nil {
		p.refresh = make(chan any)
		width, _ := terminal(p.term.File)
		p.room = width - barWidth - len(name) - 16
		p.bars = mpb.New(mpb.WithOutput(p.term), mpb.WithWidth(width-1), mpb.WithManualRefresh(p.refresh))
		p.bar = p.bars.AddBar(int64(total), mpb.BarWidth(barWidth),
			mpb.PrependDecorators(decor.Name(name+" ")),
			mpb.AppendDecorators(decor.CountersNoUnit("%d/%d "), decor.Any(p.label)))
	}
	p.bar.SetTotal(int64(total), false)
	p.bar.SetCurrent(int64(min(done, total-1))) // a complete bar would end by itself; close ends it
	select {
	case <-p.term.done:
	default:
	}
	p.refresh <- nil
	select {
	case <-p.term.done:
	case <-time.After(drawTimeout):
	}
}

// label is what is under way, cut to what the line leaves beside the bar.
func (p *progress) label(decor.Statistics) string {
	text, _ := p.what.Load().(string)
	more := "…"
	if asciiOnly(p.term.File) {
		more = "~"
	}
	if r := []rune(text); len(r) > p.room {
		text = string(r[:max(p.room-1, 0)]) + more
	}
	return text
}

// note prints one line that stays.
func (p *progress) note(text string) {
	if !p.off {
		p.close()
		fmt.Fprintln(p.w, text)
	}
}

// close ends the current bar and leaves nothing of it.
func (p *progress) close() {
	if p.bars == nil {
		return
	}
	p.bar.Abort(false)
	p.bars.Wait()
	io.WriteString(p.term.File, "\x1b[1A\x1b[J") // the line that stays
	p.bars, p.bar = nil, nil
}
