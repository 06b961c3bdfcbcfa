package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/internal/units"
)

// fitHelp makes the help of root and all of its commands as wide as the terminal.
func fitHelp(root *cobra.Command) {
	cobra.AddTemplateFunc("prose", func(text string) string { return prose(text, textWidth()) })
	cobra.AddTemplateFunc("columns", textWidth)
	root.SetHelpTemplate(strings.NewReplacer("{{. |", "{{. | prose |").Replace(root.HelpTemplate()))
	root.SetUsageTemplate(strings.NewReplacer(
		"{{.LocalFlags.FlagUsages", "{{.LocalFlags.FlagUsagesWrapped columns", "{{.InheritedFlags.FlagUsages", "{{.InheritedFlags.FlagUsagesWrapped columns",
		"  {{.UseLine}}", `{{prose (printf "  %s" .UseLine)}}`, "{{.Example}}", "{{prose .Example}}",
		"  {{rpad .Name .NamePadding }} {{.Short}}", `{{prose (printf "  %s %s" (rpad .Name .NamePadding) .Short)}}`,
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`,
		`{{prose (printf "Use \"%s [command] --help\" for more information about a command." .CommandPath)}}`,
	).Replace(root.UsageTemplate()))
}

// prose fills paragraphs to a width. A line that is indented stands by itself, and what does not fit continues under its last
// column, which two spaces separate from the one before.
func prose(text string, width int) string {
	var out, paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, units.Wrap(strings.Join(paragraph, " "), width)...)
		}
		paragraph = nil
	}
	for _, line := range strings.Split(text, "\n") {
		body := strings.TrimLeft(line, " ")
		if body == line && body != "" {
			paragraph = append(paragraph, line)
			continue
		}
		flush()
		if body == "" {
			out = append(out, "")
			continue
		}
		first := line[:len(line)-len(body)]
		if i := strings.LastIndex(body, "  "); i >= 0 {
			first += body[:i+2]
		}
		rest := strings.Repeat(" ", len(first))
		for i, l := range units.Wrap(line[len(first):], max(width-len(first), 20)) {
			if i == 0 {
				l = first + l
			} else {
				l = rest + l
			}
			out = append(out, l)
		}
	}
	flush()
	return strings.Join(out, "\n")
}
