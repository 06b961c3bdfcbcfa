package main

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/perf/uarch"
)

//go:embed known.csv
var knownCSV string

//go:embed names.csv
var namesCSV string

// difference is a code of an oracle that differs from the table's for a known reason.
type difference struct {
	uarch, event, oracle string // patterns of path.Match
	config, config1      uint64 // what the oracle says
	reason               string
}

func (d difference) explains(oracle string, e uarch.Event, code uarch.Code) bool {
	return d.oracle == oracle && match(d.uarch, e.Uarch) && match(d.event, e.Name) && code == uarch.Code{Config: d.config, Config1: d.config1}
}

func match(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil // patterns are checked when they are read
}

func readKnown() (all []difference, err error) {
	err = rows(knownCSV, 6, func(f []string) error {
		config, err1 := strconv.ParseUint(f[3], 0, 64)
		config1, err2 := strconv.ParseUint(f[4], 0, 64)
		if err1 != nil || err2 != nil || f[5] == "" {
			return fmt.Errorf("want two numbers and a reason")
		}
		all = append(all, difference{f[0], f[1], f[2], config, config1, f[5]})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("known.csv: %w", err)
	}
	return all, nil
}

// naming says what libpfm4 calls an event; the head of names.csv explains the characters in name.
type naming struct{ uarch, pmu, event, name string }

func readNames() (all []naming, err error) {
	err = rows(namesCSV, 4, func(f []string) error {
		all = append(all, naming{f[0], f[1], f[2], f[3]})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("names.csv: %w", err)
	}
	return all, nil
}

// rows reads a CSV file with comments and a first line of titles. The first three columns are patterns or plain words.
func rows(text string, columns int, read func([]string) error) error {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.FieldsPerRecord = '#', columns
	records, err := r.ReadAll()
	if err != nil {
		return err
	}
	for i, f := range records {
		if i == 0 {
			continue
		}
		for _, pattern := range f[:3] {
			if _, err := path.Match(pattern, ""); err != nil {
				return fmt.Errorf("row %d: pattern %q: %w", i, pattern, err)
			}
		}
		if err := read(f); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}
