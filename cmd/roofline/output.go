package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/session"
)

// output is where a command writes. It is opened, and proven writable, before anything is measured.
type output struct {
	dir       string
	made      bool      // the directory is there, and can be written
	json      string    // extra copy of the result document: a file name, "-", or ""
	name      string    // of the files: NAME.json, NAME.png …
	stdout    io.Writer // what the user asked for
	stderr    io.Writer // everything else
	reportTo  io.Writer // where tables go; nil: standard output, or error if that carries the JSON document
	tableForm string
	pdf       bool
	html      bool // also write report.html
	theme     plots.Theme
	chart     bool // in characters above the table, terminal or not
	written   []string
	journal   *session.Journal // of the measurement under way; may be nil
	writing   sync.Mutex       // held while a chart or a report is written to its file
}

// openOutput checks the formats and makes sure that every place to write to can be written.
func openOutput(stdout, stderr io.Writer, o *options, name string) (*output, error) {
	out, err := laterOutput(stdout, stderr, o, name)
	if err == nil {
		err = out.makeDir()
	}
	if err != nil {
		return nil, err
	}
	return out, checkJSON(o.json)
}

// laterOutput checks the formats alone. The directory is made with the first file: who only draws what is stored leaves none
// behind where there was nothing to draw.
func laterOutput(stdout, stderr io.Writer, o *options, name string) (*output, error) {
	out := &output{dir: o.out, json: o.json, name: name, stdout: stdout, stderr: stderr, tableForm: "text", html: o.report}
	table := ""
	for _, f := range o.format {
		switch f {
		case "text", "markdown", "csv", "benchfmt":
			if table != "" && table != f {
				return nil, usagef("--format: %s and %s are both tables; choose one", table, f)
			}
			table, out.tableForm = f, f
		case "pdf":
			out.pdf = true
		case "png", "svg": // always written
		default:
			return nil, usagef("--format: unknown format %q; use text, markdown, csv, benchfmt or pdf", f)
		}
	}
	return out, nil
}

// makeDir makes the output directory, and makes sure that files can be written there.
func (o *output) makeDir() error {
	if o.made {
		return nil
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return fmt.Errorf("create output directory: %w (choose another with --out DIR)", err)
	}
	if err := atomicfile.CheckDir(o.dir); err != nil {
		return fmt.Errorf("write to output directory %s: %w (choose another with --out DIR)", o.dir, err)
	}
	o.made = true
	return nil
}

// checkJSON refuses a --json FILE that cannot be written.
func checkJSON(file string) error {
	if file == "" || file == "-" {
		return nil
	}
	if st, err := os.Stat(file); err == nil && st.IsDir() {
		return usagef("--json %s is a directory; name a file, or - for standard output", file)
	}
	return checkFile("--json", file)
}

// checkFile refuses a FILE of a flag or a command that cannot be written.
func checkFile(flag, file string) error {
	switch st, err := os.Stat(file); {
	case err == nil && st.IsDir():
		return usagef("%s %s is a directory; name a file", flag, file)
	case err == nil && !st.Mode().IsRegular():
		return nil // a pipe or a device, which is written where it is
	}
	if err := atomicfile.CheckDir(filepath.Dir(file)); err != nil {
		return fmt.Errorf("write %s %s: %w (name a file in a directory that can be written)", flag, file, err)
	}
	return nil
}

// Save keeps the result so far on disk, so that an interrupted measurement loses nothing. It implements measure.Sink.
func (o *output) Save(res *roofline.Result) error {
	err := writeJSON(filepath.Join(o.dir, o.name+".json"), res)
	if o.journal != nil {
		err = errors.Join(err, o.journal.Save(res))
	}
	return err
}

// document writes the result document to the output directory and to --json.
func (o *output) document(res *roofline.Result) error {
	path := filepath.Join(o.dir, o.name+".json")
	if err := writeJSON(path, res); err != nil {
		return err
	}
	o.written = append(o.written, path)
	switch o.json {
	case "":
		return nil
	case "-":
		return encode(o.stdout, res)
	}
	o.written = append(o.written, o.json)
	return writeJSON(o.json, res)
}

func writeJSON(path string, document any) error {
	return atomicfile.Write(path, func(w io.Writer) error { return encode(w, document) })
}

func encode(w io.Writer, document any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(document)
}

// charts draws the roofline of a result.
func (o *output) charts(res *roofline.Result, name string) error {
	chart, err := plots.Roofline(res, plots.Options{})
	if err != nil {
		return fmt.Errorf("draw chart: %w", err)
	}
	return o.draw(chart, name)
}

// draw writes a chart as NAME.png, NAME.svg and, on request, NAME.pdf.
func (o *output) draw(chart *plots.Chart, name string) error {
	chart = chart.Themed(o.theme)
	forms := []struct {
		ext   string
		write func(io.Writer) error
	}{{"png", chart.WritePNG}, {"svg", chart.WriteSVG}, {"pdf", chart.WritePDF}}
	for _, f := range forms {
		if f.ext == "pdf" && !o.pdf {
			continue
		}
		path := filepath.Join(o.dir, name+"."+f.ext)
		if err := o.file(path, f.write); err != nil {
			return err
		}
	}
	return nil
}

// file makes the contents of a file, and then writes it in a moment.
func (o *output) file(path string, contents func(io.Writer) error) error {
	var b bytes.Buffer
	if err := contents(&b); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	o.writing.Lock()
	defer o.writing.Unlock()
	if err := o.makeDir(); err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { _, err := b.WriteTo(w); return err }); err != nil {
		return err
	}
	o.written = append(o.written, path)
	return nil
}

// untilInterrupted does the work of a command that only reads and draws, and leaves it at the first signal. A file that is being
// written is finished before that, and no other is begun.
func (o *output) untilInterrupted(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		o.writing.Lock()
		return fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
}

// human is where tables go: standard output, unless that carries the JSON document, or belongs to a command.
func (o *output) human() io.Writer {
	if o.reportTo != nil {
		return o.reportTo
	}
	if o.json == "-" {
		return o.stderr
	}
	return o.stdout
}

func (o *output) table(res *roofline.Result) error {
	width, color := terminal(o.human())
	return plots.Table(o.human(), res, plots.TableOptions{Format: o.tableForm, Width: width, Color: color, ASCII: asciiOnly(o.human())})
}

// show draws the chart of a result in the terminal and prints the table, which names the points as the chart does. Where
// the table goes elsewhere, or the result has nothing to place, it prints the table alone.
func (o *output) show(res *roofline.Result) error {
	width, color := terminal(o.human())
	height := terminalHeight(o.human())
	if o.chart {
		height = max(height, terminalRows)
	}
	if height == 0 || o.tableForm != "text" || !slices.ContainsFunc(res.Runs, func(r roofline.Run) bool { return len(r.Points) > 0 }) {
		return o.table(res)
	}
	ascii := asciiOnly(o.human())
	chart := plots.TerminalOptions{Width: min(width, widestChart) - 2, Height: height, Color: color, ASCII: ascii, NoKey: true}
	if err := plots.Terminal(o.human(), res, chart); err != nil {
		return o.table(res) // no ceilings for these threads: the table says so
	}
	fmt.Fprintln(o.human())
	return plots.Table(o.human(), res, plots.TableOptions{Width: width, Color: color, ASCII: ascii, Signs: true})
}

// summary says what was written where.
func (o *output) summary() error {
	if o.tableForm != "text" || len(o.written) == 0 {
		return nil
	}
	slices.Sort(o.written)
	_, err := fmt.Fprintf(o.human(), "\nwrote %s\n", strings.Join(slices.Compact(o.written), "\n      "))
	return err
}
