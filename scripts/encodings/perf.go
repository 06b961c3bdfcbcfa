package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/perf/uarch"
)

// perfTool asks perf(1): PERF_CPUID makes it believe in another CPU, SYSFS_PATH in another sysfs with that CPU's PMUs.
type perfTool struct {
	program string
	version string
}

func newPerf(ctx context.Context, program string) (*perfTool, error) {
	out, err := exec.CommandContext(ctx, program, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w (install the Debian package linux-perf)", program, err)
	}
	return &perfTool{program, strings.TrimSpace(string(out))}, nil
}

// encode asks by the events' names in perf's own table.
func (p *perfTool) encode(ctx context.Context, t *uarch.Table, events []uarch.Event) ([]answer, error) {
	s, err := p.pretend(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	has, err := s.table(ctx)
	if err != nil {
		return nil, err
	}
	none := !slices.ContainsFunc(events, func(e uarch.Event) bool { return has[e.PerfName] })
	answers := make([]answer, len(events))
	var asked []int
	for i, e := range events {
		switch {
		case e.SysfsEvent != "" && (e.PerfName == "" || e.PerfName == e.SysfsEvent && !has[e.PerfName]):
			answers[i].unknown = "only the kernel names it"
		case e.PerfName == "":
			answers[i].unknown = "not in Linux's table"
		case none:
			answers[i].unknown = "this perf has no table"
		case !has[e.PerfName]:
			answers[i].unknown = "not in this perf's table"
		default:
			asked = append(asked, i)
		}
	}
	return answers, s.askAll(ctx, events, asked, answers, func(e uarch.Event) string { return e.PerfName })
}

// encodeFields asks perf to put our fields into the format of our table.
func (p *perfTool) encodeFields(ctx context.Context, t *uarch.Table, events []uarch.Event) ([]answer, error) {
	s, err := p.pretend(t)
	if err != nil {
		return nil, err
	}
	defer s.close()
	answers := make([]answer, len(events))
	var asked []int
	for i := range events {
		asked = append(asked, i)
	}
	return answers, s.askAll(ctx, events, asked, answers, func(e uarch.Event) string { return uarch.FieldList(e.Fields) })
}

// session is perf in a made-up sysfs.
type session struct {
	perf *perfTool
	dir  string
	env  []string
	kind map[string]uint64 // attr.type by PMU
}

// pretend writes the PMUs of a table, one instance of each.
func (p *perfTool) pretend(t *uarch.Table) (*session, error) {
	dir, err := os.MkdirTemp("", "check-encodings")
	if err != nil {
		return nil, err
	}
	s := &session{perf: p, dir: dir, env: []string{"SYSFS_PATH=" + dir, "PERF_CPUID=" + t.PerfCPUID, "LC_ALL=C"}, kind: map[string]uint64{}}
	for i, pmu := range t.PMUs {
		s.kind[pmu.Name] = uint64(20 + i)
		cpus := "cpumask"
		switch {
		case pmu.Name == "cpu":
			s.kind[pmu.Name] = 4
		case pmu.IsCore():
			cpus = "cpus"
		}
		files := map[string]string{"type": fmt.Sprint(s.kind[pmu.Name]), cpus: "0"}
		for field, bits := range pmu.Format {
			files["format/"+field] = bits.String()
		}
		for name, text := range files {
			file := filepath.Join(dir, "bus/event_source/devices", instance(pmu.Name), name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err == nil {
				err = os.WriteFile(file, []byte(text+"\n"), 0o644)
				if err != nil {
					return nil, errors.Join(err, s.close())
				}
			}
		}
	}
	return s, nil
}

func (s *session) close() error { return os.RemoveAll(s.dir) }

func instance(pmu string) string { return strings.Replace(pmu, "<n>", "0", 1) }

func (s *session) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.perf.program, args...)
	cmd.Env = append(cmd.Environ(), s.env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil // perf fails where events cannot be opened; its words count
	}
	return out.String(), err
}

// table returns the names in perf's table for this CPU.
func (s *session) table(ctx context.Context) (map[string]bool, error) {
	text, err := s.run(ctx, "list", "--raw-dump")
	return parseList(text), err
}

// askAll asks for many events at once, and for fewer where perf does not take them all.
func (s *session) askAll(ctx context.Context, events []uarch.Event, asked []int, answers []answer, term func(uarch.Event) string) error {
	if len(asked) == 0 {
		return nil
	}
	args := []string{"stat", "-vv"}
	for _, i := range asked {
		args = append(args, "-e", instance(events[i].PMU)+"/"+term(events[i])+"/")
	}
	text, err := s.run(ctx, append(args, "--", "true")...)
	if err != nil {
		return fmt.Errorf("ask perf: %w", err)
	}
	attrs, err := parseAttrs(text)
	if err != nil {
		return err
	}
	switch {
	case len(attrs) == len(asked):
		for n, i := range asked {
			answers[i] = s.answer(events[i], attrs[n])
		}
		return nil
	case len(asked) > 1:
		half := len(asked) / 2
		if err := s.askAll(ctx, events, asked[:half], answers, term); err != nil {
			return err
		}
		return s.askAll(ctx, events, asked[half:], answers, term)
	case len(attrs) > 1 && !slices.ContainsFunc(attrs, func(a attr) bool { return a != attrs[0] }):
		answers[asked[0]] = s.answer(events[asked[0]], attrs[0]) // perf tried again with other flags
		return nil
	}
	answers[asked[0]].unknown = "perf refuses it: " + complaint(text)
	return nil
}

// answer takes a code only for the PMU that was asked for: perf looks for the name on others too.
func (s *session) answer(e uarch.Event, a attr) answer {
	if a.kind != s.kind[e.PMU] {
		return answer{unknown: "in this perf's table for another PMU only"}
	}
	return answer{code: a.Code}
}
