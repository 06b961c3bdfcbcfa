package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/perf/uarch"
)

// libpfm asks libpfm4 through the program that is built from pfm/pfm.c, for this architecture and perhaps for others.
type libpfm struct {
	programs [][]string // command lines
	names    []naming
}

func newLibpfm(_ context.Context, programs string, names []naming) (*libpfm, error) {
	p := &libpfm{names: names}
	for command := range strings.SplitSeq(programs, ",") {
		if words := strings.Fields(command); len(words) > 0 {
			p.programs = append(p.programs, words)
		}
	}
	if p.programs == nil {
		return nil, errors.New("-pfm: no program; run scripts/check-encodings, which builds it")
	}
	return p, nil
}

// encode asks for each event by the names that libpfm4 may have for it.
func (p *libpfm) encode(ctx context.Context, t *uarch.Table, events []uarch.Event) ([]answer, error) {
	answers := make([]answer, len(events))
	var names []string
	for i, e := range events {
		name := p.name(t, e)
		names = append(names, name)
		if name == "" {
			answers[i].unknown = "it has no such PMU"
		}
	}
	for _, program := range p.programs {
		found, err := ask(ctx, program, names)
		if err != nil {
			return nil, err
		}
		for i, name := range names {
			if a, ok := found[name]; ok && name != "" && (answers[i].unknown != "" || answers[i] == answer{}) {
				answers[i] = a
			}
		}
	}
	return answers, nil
}

// name is the event's name for libpfm4, with its PMU; "" where that has none. The first row of names.csv that fits decides.
func (p *libpfm) name(t *uarch.Table, e uarch.Event) string {
	for _, n := range p.names {
		if match(n.uarch, e.Uarch) && match(n.pmu, e.PMU) && match(n.event, e.Name) {
			_, umask, _ := strings.Cut(e.Name, ".")
			return strings.NewReplacer("@", t.LibpfmPMU, "*", pfmName(e.Name), "$", strings.ToUpper(umask)).Replace(n.name)
		}
	}
	if t.LibpfmPMU == "" || !uarch.IsCorePMU(e.PMU) {
		return ""
	}
	return t.LibpfmPMU + "::" + pfmName(e.Name)
}

// pfmName writes a vendor's name as libpfm4 does: the part after the first dot is a unit mask, further dots are underscores.
func pfmName(name string) string {
	event, umask, has := strings.Cut(name, ".")
	if !has {
		return name
	}
	return event + ":" + strings.ReplaceAll(umask, ".", "_")
}

// ask runs the program on the names and returns its answers by name.
func ask(ctx context.Context, program []string, names []string) (map[string]answer, error) {
	cmd := exec.CommandContext(ctx, program[0], program[1:]...)
	cmd.Env = append(cmd.Environ(), "LIBPFM_ENCODE_INACTIVE=1")
	cmd.Stdin = strings.NewReader(strings.Join(names, "\n") + "\n")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ask libpfm4: %w: %s", err, errs.String())
	}
	return parsePfm(string(out))
}

// parsePfm reads lines "name⇥config⇥config1" or "name⇥error⇥cause".
func parsePfm(text string) (map[string]answer, error) {
	all := map[string]answer{}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 3 {
			return nil, fmt.Errorf("read libpfm4's answer %q: want three columns", line)
		}
		if f[1] == "error" {
			all[f[0]] = answer{unknown: f[2]}
			continue
		}
		config, err1 := strconv.ParseUint(f[1], 0, 64)
		config1, err2 := strconv.ParseUint(f[2], 0, 64)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("read libpfm4's answer %q: want numbers", line)
		}
		all[f[0]] = answer{code: uarch.Code{Config: config, Config1: config1}}
	}
	return all, nil
}
