package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// output is what likwid-bench reports about one run.
type output struct {
	Test     string
	CPU      int     // hardware thread it ran on
	Seconds  float64 // wall clock of the timed part
	Bytes    int64   // working set
	FLOPs    float64 // FLOP/s
	Transfer float64 // B/s
}

var onThread = regexp.MustCompile(`running on hwthread (\d+) `)

// parse reads the report that likwid-bench 5 writes to its standard output. The error names what is missing or no number:
// a report that was cut off or is of another program is no zero.
func parse(r io.Reader) (output, error) {
	out, seen := output{CPU: -1}, map[string]bool{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		if m := onThread.FindStringSubmatch(line); m != nil && strings.HasPrefix(line, "Group:") {
			cpu, err := strconv.Atoi(m[1])
			if err != nil {
				return out, fmt.Errorf("read likwid-bench: hardware thread %s: %w", m[1], err)
			}
			out.CPU = cpu
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		var err error
		switch key {
		case "Test":
			out.Test = value
		case "Time":
			out.Seconds, err = positive(strings.TrimSuffix(value, " sec"), 1)
		case "Size (Byte)":
			out.Bytes, err = strconv.ParseInt(value, 10, 64)
		case "MFlops/s":
			out.FLOPs, err = positive(value, 1e6)
		case "MByte/s":
			out.Transfer, err = positive(value, 1e6)
		default:
			continue
		}
		if err != nil {
			return out, fmt.Errorf("read likwid-bench: %s: %w", key, err)
		}
		seen[key] = true
	}
	if err := lines.Err(); err != nil {
		return out, fmt.Errorf("read likwid-bench: %w", err)
	}
	for _, key := range []string{"Test", "Time", "Size (Byte)", "MFlops/s", "MByte/s"} {
		if !seen[key] {
			return out, fmt.Errorf("read likwid-bench: no line %q", key)
		}
	}
	if out.CPU < 0 {
		return out, fmt.Errorf("read likwid-bench: no hardware thread is named")
	}
	return out, nil
}

// positive reads a number that is finite and not negative.
func positive(text string, unit float64) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, err
	}
	if !(v >= 0 && v < 1e12) {
		return 0, fmt.Errorf("%q is out of range", text)
	}
	return v * unit, nil
}
