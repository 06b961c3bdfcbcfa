package uarch

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// row leads from a CPU, or one type of its cores, to a microarchitecture.
type row struct {
	Vendor   string // as in /proc/cpuinfo, or ARM
	Family   int    // ARM: the implementer of the MIDR
	Model    [2]int // first and last; ARM: the part
	Stepping [2]int
	Core     string // type of core: any, core, atom
	PMU      string // the PMU of that core in the table
	Uarch    string // "" where the CPU is known by name only
	Table    bool   // whether there is a table
	Name     string
}

const endless = 1<<31 - 1

func parseRow(f map[string]string) (r row, err error) {
	r = row{Vendor: f["vendor"], Core: f["core"], PMU: f["pmu"], Uarch: f["uarch"], Table: f["table"] == "yes", Name: f["name"]}
	family, err := strconv.ParseUint(f["family"], 0, 16)
	if err != nil {
		return r, fmt.Errorf("family %q is no number", f["family"])
	}
	r.Family = int(family)
	if r.Model, err = parseRange(f["model"]); err != nil {
		return r, err
	}
	if r.Stepping, err = parseRange(f["stepping"]); err != nil {
		return r, err
	}
	if r.Vendor == "" || r.Core == "" || r.Table && (r.Uarch == "" || r.PMU == "") {
		return r, fmt.Errorf("the vendor, the core or what the table needs is empty")
	}
	return r, nil
}

// parseRange reads "any", "0x55" or "0-4".
func parseRange(text string) (r [2]int, err error) {
	if text == "any" {
		return [2]int{0, endless}, nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	lo, err1 := strconv.ParseUint(first, 0, 31)
	hi, err2 := strconv.ParseUint(last, 0, 31)
	if err1 != nil || err2 != nil || hi < lo {
		return r, fmt.Errorf("%q is neither any, a number nor a range", text)
	}
	return [2]int{int(lo), int(hi)}, nil
}

func in(n int, r [2]int) bool { return r[0] <= n && n <= r[1] }

// match returns the rows for a CPU: one per type of core.
func (d *data) match(vendor string, family, model, stepping int) (rows []row) {
	for _, r := range d.rows {
		if r.Vendor == vendor && r.Family == family && in(model, r.Model) && in(stepping, r.Stepping) {
			rows = append(rows, r)
		}
	}
	return rows
}

// readCSV reads a file whose first line that is no comment names the columns.
func readCSV[T any](from fs.FS, file string, parse func(fields map[string]string) (T, error)) (all []T, err error) {
	f, err := from.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	records, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", file, err)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("parse %s: it is empty", file)
	}
	head := records[0]
	if sorted := slices.Sorted(slices.Values(head)); len(slices.Compact(sorted)) != len(head) {
		return nil, fmt.Errorf("parse %s: a column occurs twice", file)
	}
	for i, record := range records[1:] {
		fields := make(map[string]string, len(head))
		for j, name := range head {
			fields[name] = record[j]
		}
		v, err := parse(fields)
		if err != nil {
			return nil, fmt.Errorf("parse %s: row %d: %w", file, i+1, err)
		}
		all = append(all, v)
	}
	return all, nil
}
