package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf/uarch"
)

// listEvents prints the event tables: of this machine (name ""), of one microarchitecture or of all. Notes about the machine
// go to errs. root is the root of the file system.
func listEvents(root fs.FS, w, errs io.Writer, name, format string) error {
	width, _ := terminal(w)
	write := func(w io.Writer, t *uarch.Table, about string) error { return writeEvents(w, t, about, width) }
	switch format {
	case "text":
	case "tsv":
		write = writeEventLines
	default:
		return usagef("--format: unknown format %q; use text or tsv", format)
	}
	tables, about, notes, err := eventTables(root, name)
	if err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintln(errs, "note: "+n)
	}
	for i, t := range tables {
		if i > 0 && format == "text" {
			fmt.Fprintln(w)
		}
		if err := write(w, t, about); err != nil {
			return err
		}
	}
	return nil
}

// eventTables are the tables that the user asked for, and what is known about the machine when that chose them.
func eventTables(root fs.FS, name string) (tables []*uarch.Table, about string, notes []string, err error) {
	switch name {
	case "":
		id, err := uarch.Identify(root, "")
		if err != nil {
			return nil, "", nil, err
		}
		if tables = id.Tables(); len(tables) == 0 {
			generic, err := uarch.Lookup(uarch.Generic)
			return []*uarch.Table{generic}, id.CPU, id.Notes, err
		}
		return tables, id.CPU, id.Notes, nil
	case "all":
		for _, n := range uarch.Names() {
			t, err := uarch.Lookup(n)
			if err != nil {
				return nil, "", nil, err
			}
			tables = append(tables, t)
		}
		return tables, "", nil, nil
	}
	t, err := uarch.Lookup(name)
	var unknown *uarch.UnknownError
	if errors.As(err, &unknown) {
		if len(unknown.Close) == 0 {
			err = fmt.Errorf("%w; there are %s, generic and all", err, strings.Join(uarch.Names(), ", "))
		}
		return nil, "", nil, usagef("--uarch: %w", err)
	}
	return []*uarch.Table{t}, "", nil, err
}

// writeEventLines prints a table for scripts: uarch, PMU, event, config and config1 with tabs between them.
func writeEventLines(w io.Writer, t *uarch.Table, _ string) error {
	for _, e := range t.Events {
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%#x\t%#x\n", e.Uarch, e.PMU, e.Name, e.Config, e.Config1); err != nil {
			return err
		}
	}
	return nil
}

// writeEvents prints a table for people.
func writeEvents(w io.Writer, t *uarch.Table, about string, width int) error {
	title := t.Uarch + ": " + t.Name
	if about != "" {
		title += " (" + about + ")"
	}
	fmt.Fprintln(w, strings.Join(units.Wrap(title, width-2), "\n  "))
	suspect := false
	for _, p := range t.PMUs {
		fmt.Fprintf(w, "\n%s", p.Name)
		if p.General > 0 {
			fmt.Fprintf(w, ": %d general and %d fixed counters per thread", p.General, p.Fixed)
		}
		fmt.Fprintln(w)
		rows := [][3]string{{"ROLE", "CODE", "EVENT"}}
		for _, e := range t.On(p.Name) {
			suspect = suspect || e.Suspect
			rows = append(rows, eventRow(e))
		}
		writeRows(w, rows, width)
	}
	if suspect {
		fmt.Fprintln(w, "\n! never used: the sources of its code contradict themselves")
	}
	return nil
}

func eventRow(e uarch.Event) [3]string {
	code := fmt.Sprintf("%#x", e.Config)
	if e.Config1 != 0 {
		code += fmt.Sprintf(",%#x", e.Config1)
	}
	name := e.Name
	if e.Suspect {
		name += " !"
	}
	return [3]string{e.Role, code, name}
}

// writeRows prints roles, codes and names in columns. What follows a longer role, and a name that has no room, stands below.
func writeRows(w io.Writer, rows [][3]string, width int) {
	const role, code = 22, 11
	below := role + 1
	for _, r := range rows {
		below = max(0, min(below, width-utf8.RuneCountInString(r[2])))
	}
	for _, r := range rows {
		line := r[0]
		if utf8.RuneCountInString(line) > role {
			fmt.Fprintln(w, line)
			line = ""
		}
		line = fmt.Sprintf("%-*s %-*s ", role, line, code, r[1])
		if utf8.RuneCountInString(line+r[2]) > width {
			line = strings.TrimRight(line, " ") + "\n" + strings.Repeat(" ", below)
		}
		fmt.Fprintln(w, line+r[2])
	}
}
