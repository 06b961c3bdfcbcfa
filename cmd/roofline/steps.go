package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/roofline-go/roofline/internal/atomicfile"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
	"github.com/roofline-go/roofline/roofline/history"
	"github.com/roofline-go/roofline/roofline/session"
	"github.com/roofline-go/roofline/roofline/stats"
)

// mostSteps is how many steps of a trajectory are drawn: the first, and the latest beside it.
const mostSteps = 12

func drawnSteps(t *history.Trajectory) []history.Step {
	if len(t.Steps) <= mostSteps {
		return t.Steps
	}
	return append(t.Steps[:1:1], t.Steps[len(t.Steps)-mostSteps+1:]...)
}

// showSession draws the trajectory of a kernel over the roofline, and prints what every step changed.
func showSession(w io.Writer, dir, name, kernel string, withChart bool) error {
	if _, err := session.Find(dir, kernel); err == nil && name == "" && kernel != "" { // show NAME, as log NAME
		name, kernel = kernel, ""
	}
	var args []string
	if name != "" {
		args = []string{name}
	}
	s, list, err := trajectories(w, dir, args)
	if err != nil {
		return err
	}
	t, err := pickTrajectory(s.Name, list, kernel)
	if err != nil {
		return err
	}
	steps := drawnSteps(t)
	if len(steps) < len(t.Steps) {
		fmt.Fprintf(w, "drawing the first and the latest %d of %d steps\n", mostSteps-1, len(t.Steps))
	}
	res, labels := storyOf(steps)
	path := filepath.Join(dir, "session-"+s.Name)
	if err := drawSteps(w, res, labels, path); err != nil {
		return err
	}
	story, err := drawTrajectory(t, "session "+s.Name)
	if err != nil {
		return err
	}
	if err := writeChart(w, story, path+"-trajectory"); err != nil {
		return err
	}
	if withChart {
		if err := inTerminal(w, res); err != nil {
			return err
		}
	}
	return history.WriteSteps(w, t)
}

// pickTrajectory finds the kernel's trajectory; without a name the one with the most steps.
func pickTrajectory(name string, list []*history.Trajectory, kernel string) (*history.Trajectory, error) {
	var keys []string
	var found *history.Trajectory
	for _, t := range list {
		keys = append(keys, t.Key)
		if !strings.HasPrefix(t.Key, kernel) {
			continue
		}
		if found == nil || len(t.Steps) > len(found.Steps) {
			found = t
		}
	}
	switch {
	case len(list) == 0:
		return nil, fmt.Errorf("show session %s: it has no measurement yet", name)
	case found == nil:
		return nil, usagef("show session %s: no kernel %q in it; there are %s", name, kernel, strings.Join(keys, ", "))
	}
	return found, nil
}

// storyOf makes a result of the steps, all placed under the same ceilings: those stored now for the machine of the last
// step, or else those of its measurement.
func storyOf(steps []history.Step) (*roofline.Result, []string) {
	last := steps[len(steps)-1]
	roofs, _ := ceilings.Load(last.Machine)
	if !slices.ContainsFunc(roofs, func(c roofline.Ceiling) bool { return c.Threads == last.Run.Threads }) {
		roofs = last.Roofs
	}
	res := roofline.NewResult(last.Host)
	res.Ceilings = roofs
	var labels []string
	for _, s := range steps {
		run := s.Run
		roofline.Place(&run, roofs)
		res.Runs = append(res.Runs, run)
		labels = append(labels, fmt.Sprintf("#%d %s", s.N, run.Variant))
	}
	return res, labels
}

// drawSteps draws steps over the roofline, with the speed-ups from step to step where they are known.
func drawSteps(w io.Writer, res *roofline.Result, labels []string, path string, speedups ...stats.Estimate) error {
	chart, err := plots.Roofline(res, plots.Options{Steps: labels, Speedups: speedups})
	if err != nil {
		return err
	}
	return writeChart(w, chart, path)
}

// writeChart writes a chart as PNG and SVG.
func writeChart(w io.Writer, chart *plots.Chart, path string) error {
	for ext, write := range map[string]func(io.Writer) error{"png": chart.WritePNG, "svg": chart.WriteSVG} {
		if err := atomicfile.Write(path+"."+ext, write); err != nil {
			return err
		}
	}
	return wrote(w, path+".png", path+".svg")
}

// wrote names files that were written: in one line where they fit, else below each other.
func wrote(w io.Writer, paths ...string) error {
	const columns = 80
	line := "wrote " + strings.Join(paths, ", ")
	if utf8.RuneCountInString(line) > columns {
		line = "wrote " + strings.Join(paths, "\n      ")
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// inTerminal draws the roofline of a result in characters, with its key.
func inTerminal(w io.Writer, res *roofline.Result) error {
	width, color := terminal(w)
	return plots.Terminal(w, res, plots.TerminalOptions{Width: min(width, widestChart) - 2, Height: max(terminalHeight(w), 20), Color: color, ASCII: asciiOnly(w)})
}
