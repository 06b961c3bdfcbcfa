package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// table writes the table of one microarchitecture: a head of facts, then each PMU followed by its events.
func table(file, key string, ref reference, u uarch, formats map[string]map[string]string) ([]byte, error) {
	var b bytes.Buffer
	line := func(word, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-10s %s\n", word, text)
		}
	}
	fmt.Fprintf(&b, "# Generated from _gen/%s by scripts/generate; edit that.\n", file)
	for _, s := range ref.Sources {
		line("source", s)
	}
	line("version", u.Info)
	line("uarch", key)
	line("name", u.Name)
	line("vendor", ref.Vendor)
	line("linux", u.LinuxTable)
	line("cpuid", u.OracleCPUID)
	line("libpfm", u.LibpfmPMU)
	if u.VectorBits > 0 {
		line("vector", strconv.Itoa(u.VectorBits))
	}
	line("caveats", strings.Join(u.Notes, ","))
	usual := usualSource(u.Events)
	line("from", usual)
	written := 0
	for _, p := range pmus(u) {
		if p.Format == nil {
			p.Format = formats[p.PMU]
		}
		if p.Format == nil {
			return nil, fmt.Errorf("no format of the PMU %s: add it to pmus.json", p.PMU)
		}
		fmt.Fprintf(&b, "\npmu %s", p.PMU)
		if p.GP > 0 {
			fmt.Fprintf(&b, " general=%d fixed=%d", p.GP, p.Fixed)
		}
		b.WriteString("\nformat")
		for _, field := range byPlace(p.Format) {
			fmt.Fprintf(&b, " %s=%s", field, p.Format[field])
		}
		b.WriteByte('\n')
		for _, e := range u.Events {
			if e.PMU == p.PMU {
				text, err := eventLine(e, usual)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", e.Name, err)
				}
				b.WriteString(text)
				written++
			}
		}
	}
	if written != len(u.Events) {
		return nil, fmt.Errorf("wrote %d of %d events", written, len(u.Events))
	}
	return b.Bytes(), nil
}

// pmus are those that the reference describes, then those that only its events name.
func pmus(u uarch) []pmu {
	all := slices.Clone(u.PMUs)
	for _, e := range u.Events {
		if !slices.ContainsFunc(all, func(p pmu) bool { return p.PMU == e.PMU }) {
			all = append(all, pmu{PMU: e.PMU})
		}
	}
	return all
}

// byPlace sorts the names of the fields by where they stand in config, config1 and config2.
func byPlace(format map[string]string) []string {
	place := func(field string) (word string, bit int) {
		word, bits, _ := strings.Cut(format[field], ":")
		first, _, _ := strings.Cut(strings.Split(bits, ",")[0], "-")
		bit, _ = strconv.Atoi(first)
		return word, bit
	}
	return slices.SortedFunc(maps.Keys(format), func(a, b string) int {
		wa, ba := place(a)
		wb, bb := place(b)
		return cmp.Or(cmp.Compare(wa, wb), cmp.Compare(ba, bb), cmp.Compare(a, b))
	})
}

// usualSource is the source of most events, named once in the head.
func usualSource(events []event) string {
	n := map[string]int{}
	best := ""
	for _, e := range events {
		n[e.Source]++
		if n[e.Source] > n[best] {
			best = e.Source
		}
	}
	return best
}
