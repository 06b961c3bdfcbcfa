package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/history"
	"github.com/roofline-go/roofline/roofline/session"
)

func newSession() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "session",
		Short: "Keep the history of a tuning session",
		Long: `A tuning session records what measure, compare and tune find, with the state of the code and of the machine, as JSON
Lines in DIR/sessions/NAME.jsonl. Records are only ever appended, and several processes may append at once.`,
		Example: `  roofline session start unroll
  roofline measure matmul/avx512/f32
  roofline session note "12 rows instead of 8"
  roofline session log`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown session command %q%s; see roofline session --help", args[0], suggestion(cmd, args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&o.out, "out", "roofline-out", "the output directory `DIR` that the session belongs to")
	sub := func(use, short string, least, most int, f func(ctx context.Context, w io.Writer, args []string) error) *cobra.Command {
		c := &cobra.Command{Use: use, Short: short,
			Args: func(cmd *cobra.Command, args []string) error {
				if len(args) < least || len(args) > most {
					return usagef("use it as: roofline session %s", use)
				}
				return nil
			},
			RunE: func(cmd *cobra.Command, args []string) error { return f(cmd.Context(), cmd.OutOrStdout(), args) }}
		cmd.AddCommand(c)
		return c
	}
	sub("start NAME", "Begin a session, or go on with it: from now on it records", 1, 1, func(ctx context.Context, w io.Writer, args []string) error {
		return startSession(ctx, w, o.out, args[0])
	})
	sub("end", "Stop recording; the session stays", 0, 0, func(_ context.Context, w io.Writer, _ []string) error {
		return endSession(w, o.out)
	})
	sub("list", "List the sessions; * marks the one that records", 0, 0, func(_ context.Context, w io.Writer, _ []string) error {
		return listSessions(w, o.out)
	})
	sub("note TEXT...", "Add a note to the latest measurement", 1, 1000, func(ctx context.Context, w io.Writer, args []string) error {
		return noteSession(ctx, w, o.out, strings.Join(args, " "))
	})
	var name string
	named := func(args []string) []string {
		if len(args) == 0 && name != "" {
			return []string{name}
		}
		return args
	}
	log := sub("log [NAME]", "Show what each iteration changed, and whether that is significant", 0, 1, func(_ context.Context, w io.Writer, args []string) error {
		return logSession(w, o.out, named(args))
	})
	var inTerminal bool
	show := sub("show [KERNEL | NAME]", "Draw a kernel on the roofline, iteration by iteration", 0, 1, func(_ context.Context, w io.Writer, args []string) error {
		return showSession(w, o.out, name, strings.Join(args, ""), inTerminal)
	})
	show.Flags().BoolVar(&inTerminal, "terminal", false, "also draw the chart in the terminal")
	best := sub("best [NAME]", "Show the fastest iteration of every kernel", 0, 1, func(_ context.Context, w io.Writer, args []string) error {
		return bestOfSession(w, o.out, named(args))
	})
	export := sub("export FILE [NAME]", "Write all records as one JSON document; - is standard output", 1, 2, func(_ context.Context, w io.Writer, args []string) error {
		return exportSession(w, o.out, args[0], named(args[1:]))
	})
	for _, c := range []*cobra.Command{log, show, best, export} {
		c.Flags().StringVar(&name, "session", "", "of the session `NAME` instead of the one that records")
	}
	return cmd
}

func startSession(ctx context.Context, w io.Writer, dir, name string) error {
	first := session.NewRecord(session.Start)
	first.Code = session.CodeAt(ctx, ".")
	s, isNew, err := session.Begin(dir, name, first)
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w (choose another place with --out DIR)", err)
	}
	if err != nil {
		return err
	}
	word := "going on with"
	if isNew {
		word = "began"
	}
	return say(w, fmt.Sprintf("%s session %s: measure, compare and tune are recorded in", word, s.Name), s.Path())
}

func endSession(w io.Writer, dir string) error {
	s, err := session.Current(dir)
	if err == nil {
		err = session.End(dir)
	}
	if err != nil {
		return err
	}
	return say(w, fmt.Sprintf("ended session %s: roofline session log %s shows it, session start %s goes on with it", s.Name, s.Name, s.Name))
}

// say prints a sentence, in a terminal as wide as that, and otherwise in one line. The paths that end it are never broken.
func say(w io.Writer, text string, paths ...string) error {
	words := append(strings.Fields(text), paths...)
	line := strings.Join(words, " ")
	if _, _, ok := terminalSize(w); ok {
		width, _ := terminal(w)
		line = foldWords(words, width, "  ")
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// foldWords breaks a text between its words, which may have spaces in them.
func foldWords(words []string, width int, indent string) string {
	return strings.Join(units.HangWords("", indent, words, width), "\n")
}

func listSessions(w io.Writer, dir string) error {
	names, err := session.Names(dir)
	if err != nil {
		return err
	}
	now, err := session.Current(dir)
	if err != nil && !errors.Is(err, session.ErrNone) {
		return err
	}
	for _, n := range names {
		mark := " "
		if now != nil && now.Name == n {
			mark = "*"
		}
		fmt.Fprintf(w, "%s %s\n", mark, n)
	}
	if len(names) == 0 {
		_, err = fmt.Fprintf(w, "no session in %s (begin one: roofline session start NAME)\n", dir)
		return err
	}
	return nil
}

func noteSession(ctx context.Context, w io.Writer, dir, text string) error {
	if strings.TrimSpace(text) == "" {
		return usagef("session note: the note is empty")
	}
	s, err := session.Current(dir)
	if err != nil {
		return err
	}
	r := session.NewRecord(session.Note)
	r.Note, r.Code = text, session.CodeAt(ctx, ".")
	if err := s.Append(r); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "noted in session %s\n", s.Name)
	return err
}

// sessionOf is the named session, or the one that records.
func sessionOf(dir string, args []string) (*session.Session, error) {
	if len(args) > 0 {
		return session.Find(dir, args[0])
	}
	s, err := session.Current(dir)
	if errors.Is(err, session.ErrNone) {
		if names, _ := session.Names(dir); len(names) > 0 {
			return nil, fmt.Errorf("no tuning session is under way (name one of %s: --session %s)", strings.Join(names, ", "), names[0])
		}
	}
	return s, err
}

// readSession reads the records of a session. Lines that cannot be read are named, and the rest is used.
func readSession(w io.Writer, dir string, args []string) (*session.Session, []*session.Record, error) {
	s, err := sessionOf(dir, args)
	if err != nil {
		return nil, nil, err
	}
	records, skipped, err := s.Records()
	if err != nil {
		return nil, nil, err
	}
	nameSkipped(w, s.Path(), skipped)
	return s, records, nil
}

// trajectories reads a session as the story of its kernels.
func trajectories(w io.Writer, dir string, args []string) (*session.Session, []*history.Trajectory, error) {
	s, records, err := readSession(w, dir, args)
	return s, history.Trajectories(records, storedFloor), err
}

func logSession(w io.Writer, dir string, args []string) error {
	s, records, err := readSession(w, dir, args)
	if err != nil {
		return err
	}
	list := history.Trajectories(records, storedFloor)
	compared, loose, skipped := history.Comparisons(records)
	nameSkipped(w, s.Path(), skipped)
	for _, note := range loose {
		fmt.Fprintf(w, "note: %s\n", note)
	}
	if len(list)+len(compared) == 0 {
		_, err := fmt.Fprintf(w, "session %s has no measurement yet (measure, compare and tune add to it while it records)\n", s.Name)
		return err
	}
	if err := history.WriteLog(w, list); err != nil {
		return err
	}
	if len(list) > 0 && len(compared) > 0 {
		fmt.Fprintln(w)
	}
	return history.WriteComparisons(w, compared)
}

func bestOfSession(w io.Writer, dir string, args []string) error {
	s, list, err := trajectories(w, dir, args)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(w, "session %s has no measurement yet\n", s.Name)
		return err
	}
	for _, t := range list {
		if err := history.WriteBest(w, t); err != nil {
			return err
		}
	}
	return nil
}

func exportSession(w io.Writer, dir, file string, args []string) error {
	s, err := sessionOf(dir, args)
	if err != nil {
		return err
	}
	records, skipped, err := s.Records()
	if err != nil {
		return err
	}
	document := struct {
		Schema  string            `json:"schema"`
		Name    string            `json:"name"`
		Records []*session.Record `json:"records"`
		Skipped []string          `json:"skipped,omitempty"`
	}{"roofline/session-export/v1", s.Name, records, nil}
	for _, e := range skipped {
		document.Skipped = append(document.Skipped, e.Error())
	}
	if file == "-" {
		return encode(w, document)
	}
	if err := checkFile("session export", file); err != nil {
		return err
	}
	if err := writeJSON(file, document); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "wrote session %s to %s\n", s.Name, file)
	return err
}

// record adds what a command found to the session under way in dir, if there is one.
func record(ctx context.Context, dir string, r *session.Record) error {
	s, err := session.Current(dir)
	if errors.Is(err, session.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	return recordIn(ctx, s, r)
}

// recordIn adds what a command found to a session.
func recordIn(ctx context.Context, s *session.Session, r *session.Record) error {
	r.Command = strings.Join(os.Args, " ")
	r.Code = session.CodeAt(context.WithoutCancel(ctx), ".")
	return s.Append(r)
}

// measured is a record of a result.
func measured(kind session.Kind, res *roofline.Result) *session.Record {
	r := session.NewRecord(kind)
	r.Result, r.Machine, r.Ceilings = res, res.Machine.Fingerprint, session.CeilingsFingerprint(res.Ceilings)
	return r
}
