package main

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/pmuvm"
)

// run is what a job printed and how it ended.
type run struct {
	output  string
	code    int
	seconds float64
}

// parse splits the machine's output. rest are its complaints; done says whether it came to an end.
func parse(log string) (runs map[string]run, rest []string, done bool) {
	runs = map[string]run{}
	var output strings.Builder
	inside := false
	for line := range strings.Lines(log) {
		text, marked := strings.CutPrefix(line, pmuvm.Mark+" ")
		if !marked {
			if inside {
				output.WriteString(line)
			}
			continue
		}
		word, args, _ := strings.Cut(strings.TrimSpace(text), " ")
		switch word {
		case pmuvm.MarkStart:
			inside = true
			output.Reset()
		case pmuvm.MarkExit:
			inside = false
			fields := strings.Fields(args)
			if len(fields) < 3 {
				rest = append(rest, line)
				continue
			}
			n := len(fields)
			r := run{output: output.String()}
			var err, err2 error
			r.code, err = strconv.Atoi(fields[n-2])
			r.seconds, err2 = strconv.ParseFloat(fields[n-1], 64)
			if err != nil || err2 != nil {
				rest = append(rest, line)
			}
			runs[strings.Join(fields[:n-2], " ")] = r
		case pmuvm.MarkDone:
			done = true
		default:
			rest = append(rest, strings.TrimSpace(line))
		}
	}
	return runs, rest, done
}

// lines decodes the JSON objects of a job's output, one a line.
func lines[T any](r run) (list []T, err error) {
	for line := range strings.Lines(r.output) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			return list, err
		}
		list = append(list, v)
	}
	return list, nil
}

// document decodes the JSON document in a job's output.
func document[T any](r run) (v T, err error) {
	_, after, _ := strings.Cut("\n"+r.output, "\n{")
	err = json.NewDecoder(strings.NewReader("{" + after)).Decode(&v)
	return v, err
}
