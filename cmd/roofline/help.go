package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"golang.org/x/term"

	"github.com/roofline-go/roofline/docs"
	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/internal/manual"
)

// newHelp replaces cobra's help command by one that also knows the pages of the manual.
func newHelp() *cobra.Command {
	var man string
	cmd := &cobra.Command{
		Use:   "help [COMMAND|TOPIC]",
		Short: "Explain a command, or a topic of the manual",
		Long: `help COMMAND explains a command and its flags, help TOPIC shows a page of the manual, help alone lists both.
help --man DIR writes all of it as man pages into DIR.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			topics, err := manual.Topics(docs.Pages)
			switch {
			case err != nil:
				return err
			case man != "":
				return writeMan(cmd.Root(), topics, man)
			case len(args) == 0:
				if err := cmd.Root().Help(); err != nil {
					return err
				}
				return listTopics(cmd.OutOrStdout(), topics)
			}
			if found, _, err := cmd.Root().Find(args); err == nil && found != cmd.Root() && !found.Hidden {
				return helpCommand(cmd.OutOrStdout(), found, topics)
			}
			topic, ok := manual.Find(topics, strings.TrimSuffix(args[0], ".md"))
			if !ok || len(args) > 1 {
				return usagef("no command or topic %q; `roofline help` lists them", strings.Join(args, " "))
			}
			return manual.Text(cmd.OutOrStdout(), topic, textWidth())
		},
	}
	cmd.Flags().StringVar(&man, "man", "", "write man pages of all commands and topics into `DIR`")
	return cmd
}

// helpCommand explains a command, and points to the page of the manual that has its name.
func helpCommand(w io.Writer, cmd *cobra.Command, topics []manual.Topic) error {
	if err := cmd.Help(); err != nil {
		return err
	}
	for _, t := range topics {
		if t.Name == cmd.Name() {
			fmt.Fprintf(w, "\nThe manual has more: roofline help %s.md\n", t.Name)
		}
	}
	return nil
}

// textWidth is that of the terminal, but no more than can be read with ease.
func textWidth() int {
	const most = 100
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 20 {
		return min(w, most)
	}
	return 80
}

func listTopics(w io.Writer, topics []manual.Topic) error {
	var out strings.Builder
	tw := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, t := range topics {
		fmt.Fprintf(tw, "  %s\t%s\n", t.Name, t.Title)
	}
	err := tw.Flush()
	_, werr := io.WriteString(w, "\nTopics (roofline help TOPIC):\n"+prose(out.String(), textWidth()))
	return errors.Join(err, werr)
}

// writeMan writes roofline(1), a page of section 1 for every command, and one of section 7 for every topic.
func writeMan(root *cobra.Command, topics []manual.Topic, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("write man pages: %w", err)
	}
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Section: "1", Source: "roofline " + version(), Manual: "roofline manual", Date: &time.Time{}}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return fmt.Errorf("write man pages: %w", err)
	}
	for _, t := range topics {
		page, err := t.Man(version())
		if err == nil {
			err = atomicfile.Write(filepath.Join(dir, "roofline-"+t.Name+".7"), func(w io.Writer) error { _, err := w.Write(page); return err })
		}
		if err != nil {
			return fmt.Errorf("write man pages: %w", err)
		}
	}
	return nil
}
