package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/command"
)

// intervals shows the time series of a command: lines on standard error, or rows of a CSV file, or JSON objects, one a line.
type intervals struct {
	on    bool
	text  io.Writer // nil when there is a file
	file  *os.File
	buf   *bufio.Writer
	csv   *csv.Writer // nil for JSON
	lines int
	err   error
}

func newIntervals(c *commandOptions, stderr io.Writer) (*intervals, error) {
	s := &intervals{on: c.interval > 0, text: stderr}
	if c.series == "" {
		return s, nil
	}
	ext := filepath.Ext(c.series)
	if ext != ".csv" && ext != ".json" && ext != ".jsonl" {
		return nil, usagef("--series %s: the name must end in .csv or .json", c.series)
	}
	f, err := os.Create(c.series)
	if err != nil {
		return nil, fmt.Errorf("write --series: %w (name a file in a directory that can be written)", err)
	}
	s.text, s.file, s.buf = nil, f, bufio.NewWriter(f)
	if ext == ".csv" {
		s.csv = csv.NewWriter(s.buf)
		s.err = s.csv.Write(intervalHead())
	}
	return s, nil
}

// take returns what to do with a step of a command counted by m.
func (s *intervals) take(m command.Meter) func(command.Step) {
	if !s.on {
		return nil
	}
	return func(step command.Step) {
		t := m.NewTally()
		if step.Counted != nil {
			t.Add(step.Pass, step.Counted)
		}
		counts := t.Counts(nil)
		switch {
		case s.text != nil:
			s.line(step, counts)
		case s.csv != nil:
			s.err = errors.Join(s.err, s.csv.Write(intervalRow(step, counts)))
		default:
			s.err = errors.Join(s.err, s.object(step, counts))
		}
	}
}

func (s *intervals) close() error {
	if s.file == nil {
		return nil
	}
	if s.csv != nil {
		s.csv.Flush()
		s.err = errors.Join(s.err, s.csv.Error())
	}
	if err := errors.Join(s.err, s.buf.Flush(), s.file.Close()); err != nil {
		return fmt.Errorf("write --series: %w", err)
	}
	return nil
}

// line prints a step; the first of a run and every 20th have the head above them.
func (s *intervals) line(step command.Step, counts map[perf.Quantity]perf.Count) {
	first := step.End == step.Length
	if first {
		s.lines = 0
	}
	if first && (step.Run > 0 || step.Pass > 0) {
		fmt.Fprintf(s.text, "run %d, pass %d\n", step.Run+1, step.Pass+1)
	}
	if s.lines%20 == 0 {
		fmt.Fprintf(s.text, "%10s %6s %10s %12s %12s %6s %8s %8s\n", "time", "CPUs", "memory", "FLOP/s", "DRAM B/s", "IPC", "faults", "switches")
	}
	s.lines++
	seconds := step.Length.Seconds()
	rate := func(q perf.Quantity) string {
		if c := counts[q]; c.Quality != "" && c.Quality != perf.Missing {
			return units.SI(c.Value/seconds, "")
		}
		return "–"
	}
	count := func(q perf.Quantity) string {
		if c := counts[q]; c.Quality != "" && c.Quality != perf.Missing {
			return strconv.FormatFloat(c.Value, 'f', 0, 64)
		}
		return "–"
	}
	ipc, memory := "–", "–"
	if i, c := counts[perf.Instructions], counts[perf.Cycles]; i.Value > 0 && c.Value > 0 {
		ipc = strconv.FormatFloat(i.Value/c.Value, 'f', 2, 64)
	}
	if step.Resident >= 0 {
		memory = units.Bytes(step.Resident)
	}
	fmt.Fprintf(s.text, "%9.3fs %6.2f %10s %12s %12s %6s %8s %8s\n", step.End.Seconds(), step.CPU.Seconds()/seconds, memory,
		rate(perf.FLOPs), rate(perf.BytesDRAM), ipc, count(perf.PageFaults), count(perf.ContextSwitches))
}

// intervalHead names the columns: times in seconds, memory in bytes, then every quantity with its quality. Nothing that was not
// counted has a value.
func intervalHead() []string {
	head := []string{"run", "pass", "end_s", "length_s", "cpu_s", "resident_bytes"}
	for _, q := range perf.Known {
		head = append(head, string(q), string(q)+"_quality")
	}
	return head
}

func intervalRow(step command.Step, counts map[perf.Quantity]perf.Count) []string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	resident := ""
	if step.Resident >= 0 {
		resident = strconv.FormatInt(step.Resident, 10)
	}
	row := []string{strconv.Itoa(step.Run), strconv.Itoa(step.Pass), number(step.End.Seconds()), number(step.Length.Seconds()),
		number(step.CPU.Seconds()), resident}
	for _, q := range perf.Known {
		c := counts[q]
		value := ""
		if c.Quality != "" && c.Quality != perf.Missing {
			value = number(c.Value)
		}
		row = append(row, value, string(c.Quality))
	}
	return row
}

// object writes a step as a JSON object in a line of its own.
func (s *intervals) object(step command.Step, counts map[perf.Quantity]perf.Count) error {
	o := struct {
		Run      int                          `json:"run"`
		Pass     int                          `json:"pass"`
		End      float64                      `json:"end_s"`
		Length   float64                      `json:"length_s"`
		CPU      float64                      `json:"cpu_s"`
		Resident *int64                       `json:"resident_bytes,omitempty"`
		Counts   map[perf.Quantity]perf.Count `json:"counts"`
	}{step.Run, step.Pass, step.End.Seconds(), step.Length.Seconds(), step.CPU.Seconds(), nil, counts}
	if step.Resident >= 0 {
		o.Resident = &step.Resident
	}
	return json.NewEncoder(s.buf).Encode(o)
}
