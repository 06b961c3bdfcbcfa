package uarch

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed tables signs.csv generic.txt
var embedded embed.FS

// Generic is the name of the table of the kernel's own events, which every CPU has: what is used for an unknown one.
const Generic = "generic"

// data is everything that is known about CPUs, read from a directory with tables/, signs.csv and generic.txt.
type data struct {
	rows    []row
	signs   []sign
	caveats map[string]string
	tables  map[string]func() (*Table, error) // by uarch; parsed when first asked for
}

var known = sync.OnceValue(func() *data {
	d, err := load(embedded)
	if err != nil {
		panic("perf/uarch: embedded tables: " + err.Error()) // a test parses them all
	}
	return d
})

func load(from fs.FS) (*data, error) {
	d := &data{caveats: map[string]string{}, tables: map[string]func() (*Table, error){}}
	var err error
	if d.rows, err = readCSV(from, "tables/map.csv", parseRow); err != nil {
		return nil, err
	}
	if d.signs, err = readCSV(from, "signs.csv", parseSign); err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(from, "tables/caveats.txt")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if id, what, ok := strings.Cut(strings.TrimSpace(line), " "); ok && id != "#" {
			d.caveats[id] = strings.TrimSpace(what)
		}
	}
	files, err := fs.Glob(from, "tables/*.txt")
	if err != nil {
		return nil, err
	}
	for _, file := range append(files, "generic.txt") {
		key := strings.TrimSuffix(path.Base(file), ".txt")
		if key == "caveats" {
			continue
		}
		d.tables[key] = sync.OnceValues(func() (*Table, error) { return readTable(from, file, key) })
	}
	for _, r := range d.rows {
		if _, ok := d.tables[r.Uarch]; r.Table && !ok {
			return nil, fmt.Errorf("tables/map.csv: %s has no table", r.Uarch)
		}
	}
	return d, nil
}

func readTable(from fs.FS, file, key string) (*Table, error) {
	f, err := from.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := ParseTable(f)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", file, err)
	}
	if t.Uarch != key {
		return nil, fmt.Errorf("parse %s: it is the table of %s", file, t.Uarch)
	}
	return t, nil
}

// Names lists the microarchitectures that have a table, in alphabetical order. Generic is not among them.
func Names() []string { return known().names() }

func (d *data) names() []string {
	names := slices.Sorted(maps.Keys(d.tables))
	return slices.DeleteFunc(names, func(n string) bool { return n == Generic })
}

// Lookup returns the table of a microarchitecture, or of Generic. The error is an *UnknownError. The table is shared: treat
// it as read-only.
func Lookup(name string) (*Table, error) { return known().lookup(name) }

func (d *data) lookup(name string) (*Table, error) {
	if parse, ok := d.tables[name]; ok {
		return parse()
	}
	unknown := &UnknownError{Name: name, Close: closeTo(name, d.names())}
	for _, r := range d.rows {
		if r.Uarch == name {
			unknown.Reason, unknown.Close = "it is known, but has no event table here", nil
		}
	}
	return nil, unknown
}

// Caveat explains a key of Event.Caveats or Table.Caveats in a few sentences; "" for an unknown key.
func Caveat(key string) string { return known().caveats[key] }
