package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var head = []string{"vendor", "family", "model", "stepping", "core", "pmu", "uarch", "table", "name"}

// mapRows turns one reference's cpu_map into rows of the map. Arm's implementer and part stand in the columns family and model.
func mapRows(ref reference) (rows [][]string, err error) {
	taken := map[int]string{} // per family, the models that earlier regular expressions took
	for _, c := range ref.CPUMap {
		family, models, stepping := strconv.Itoa(c.Family), c.Model, "any"
		switch {
		case c.Implementer != "":
			family, models = c.Implementer, c.Part
		case c.ModelRegex != "":
			family = fmt.Sprintf("%#x", c.Family)
			if models, err = modelRanges(c, taken); err != nil {
				return nil, err
			}
		case c.Stepping != "any":
			stepping = fmt.Sprintf("%d-%d", digit(c.Stepping[0]), digit(c.Stepping[len(c.Stepping)-1]))
		}
		key, _, _ := strings.Cut(c.Uarch, " ")
		u, known := ref.Microarchitectures[key]
		table := "no"
		if known {
			table = "yes"
		}
		for _, model := range strings.Fields(models) {
			for _, core := range cores(c, u) {
				rows = append(rows, []string{c.Vendor, family, model, stepping, core[0], core[1], key, table, c.Name})
			}
		}
	}
	return rows, nil
}

// cores are the pairs of core type and PMU in the table: one for each core type of a hybrid table, unless the CPU has but one.
func cores(c cpu, u uarch) (pairs [][2]string) {
	for _, p := range u.PMUs {
		if kind, ok := strings.CutPrefix(p.PMU, "cpu_"); ok && (c.Core == "" || c.Core == kind) {
			pairs = append(pairs, [2]string{kind, p.PMU})
		}
	}
	if pairs != nil {
		return pairs
	}
	for _, p := range u.PMUs {
		if p.PMU == "cpu" || strings.HasPrefix(p.PMU, "armv8_") {
			return [][2]string{{"any", p.PMU}}
		}
	}
	return [][2]string{{"any", ""}}
}

// modelRanges writes the models 0 to 0xff that a regular expression matches and no earlier one took, as ranges. Linux matches
// it with the whole of the model in hexadecimal, without leading zeros.
func modelRanges(c cpu, taken map[int]string) (string, error) {
	expr := c.ModelRegex
	if strings.HasPrefix(expr, "any") {
		expr = "[0-9A-F]+"
	}
	re, err := regexp.Compile("^(" + expr + ")$")
	if err != nil {
		return "", err
	}
	var ranges []string
	first := -1
	for m := 0; m <= 0x100; m++ {
		code := fmt.Sprintf("%X", m)
		ours := m <= 0xff && re.MatchString(code) && !strings.Contains(taken[c.Family], " "+code+" ")
		if ours {
			taken[c.Family] += " " + code + " "
		}
		switch {
		case ours && first < 0:
			first = m
		case !ours && first >= 0:
			ranges = append(ranges, fmt.Sprintf("%#02x-%#02x", first, m-1))
			first = -1
		}
	}
	return strings.Join(ranges, " "), nil
}

func digit(c byte) int64 {
	n, _ := strconv.ParseInt(string(c), 16, 8)
	return n
}

func mapCSV(rows [][]string) []byte {
	var b bytes.Buffer
	b.WriteString("# Generated from _gen/*.json by scripts/generate; edit those. ARM: family is the MIDR implementer, model the part.\n")
	w := csv.NewWriter(&b)
	_ = w.Write(head)
	_ = w.WriteAll(rows) // writing to memory does not fail
	return b.Bytes()
}

func caveatText(caveats map[string]string) []byte {
	var b bytes.Buffer
	b.WriteString("# Generated from _gen/*.json by scripts/generate; edit those.\n")
	for _, id := range slices.SortedFunc(maps.Keys(caveats), cmp.Compare[string]) {
		fmt.Fprintf(&b, "%-10s %s\n", id, caveats[id])
	}
	return b.Bytes()
}
