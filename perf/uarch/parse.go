package uarch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// parser reads a table line by line: a head of facts, then for each PMU a line "pmu", a line "format" and its events.
type parser struct {
	table *Table
	from  string          // source of events that name none
	seen  map[string]bool // PMU and event names
}

// ParseTable reads a text table. The error names the line.
func ParseTable(r io.Reader) (*Table, error) {
	p := parser{table: &Table{}, seen: map[string]bool{}}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		if err := p.line(word, strings.TrimSpace(rest)); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if p.table.Uarch == "" || len(p.table.Sources) == 0 {
		return nil, errors.New("no line uarch or no line source")
	}
	return p.table, nil
}

func (p *parser) line(word, rest string) (err error) {
	t := p.table
	switch word {
	case "source":
		t.Sources = append(t.Sources, rest)
	case "version":
		t.Version = rest
	case "uarch":
		if !isName(rest) || t.Uarch != "" {
			return fmt.Errorf("%q is no name, or the second one", rest)
		}
		t.Uarch = rest
	case "name":
		t.Name = rest
	case "vendor":
		t.Vendor = rest
	case "linux":
		t.LinuxTable = rest
	case "cpuid":
		t.PerfCPUID = rest
	case "libpfm":
		t.LibpfmPMU = rest
	case "vector":
		t.VectorBits, err = count(rest)
	case "caveats":
		t.Caveats = strings.Split(rest, ",")
	case "from":
		p.from = rest
	case "pmu":
		return p.pmu(rest)
	case "format":
		return p.format(rest)
	case "event":
		return p.event(rest)
	default:
		return fmt.Errorf("unknown word %q", word)
	}
	return err
}

func (p *parser) pmu(rest string) error {
	words := strings.Fields(rest)
	if len(words) == 0 || !isName(strings.TrimSuffix(words[0], "<n>")) {
		return fmt.Errorf("pmu %q: no name", rest)
	}
	pmu := PMU{Name: words[0], Format: Format{}}
	if p.seen[pmu.Name] {
		return fmt.Errorf("pmu %s: the second one", pmu.Name)
	}
	p.seen[pmu.Name] = true
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		n, err := count(value)
		switch {
		case err != nil:
			return fmt.Errorf("pmu %s: %s: %w", pmu.Name, key, err)
		case key == "general":
			pmu.General = n
		case key == "fixed":
			pmu.Fixed = n
		default:
			return fmt.Errorf("pmu %s: unknown key %q", pmu.Name, key)
		}
	}
	p.table.PMUs = append(p.table.PMUs, pmu)
	return nil
}

// current is the PMU whose lines are being read.
func (p *parser) current() (*PMU, error) {
	if len(p.table.PMUs) == 0 {
		return nil, errors.New("no line pmu stands before")
	}
	return &p.table.PMUs[len(p.table.PMUs)-1], nil
}

func (p *parser) format(rest string) error {
	pmu, err := p.current()
	if err != nil {
		return err
	}
	for _, w := range strings.Fields(rest) {
		name, text, _ := strings.Cut(w, "=")
		bits, err := ParseBits(text)
		if err != nil {
			return err
		}
		if _, twice := pmu.Format[name]; twice || !isName(name) {
			return fmt.Errorf("format: field %q is no name, or occurs twice", name)
		}
		pmu.Format[name] = bits
	}
	return nil
}

func (p *parser) event(rest string) error {
	pmu, err := p.current()
	if err != nil {
		return err
	}
	e, err := parseEvent(rest)
	if err != nil {
		return err
	}
	e.Uarch, e.PMU = p.table.Uarch, pmu.Name
	if e.Source == "" {
		e.Source = p.from
	}
	if e.Code, err = pmu.Format.Encode(e.Fields); err != nil {
		return fmt.Errorf("event %s: %w", e.Name, err)
	}
	if key := e.PMU + "/" + e.Name; p.seen[key] {
		return fmt.Errorf("event %s: the second one of %s", e.Name, e.PMU)
	} else {
		p.seen[key] = true
	}
	p.table.Events = append(p.table.Events, e)
	return nil
}

// count reads a small number.
func count(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no small number", text)
	}
	return int(n), nil
}
