package main

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// terminal returns the width to use for w, and whether colour may be used.
func terminal(w io.Writer) (width int, color bool) {
	width, _, ok := terminalSize(w)
	if !ok {
		return 80, false
	}
	if width < 40 {
		width = 80
	}
	return width, os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// terminalSize is the size of the terminal that w is, ok if it is one.
func terminalSize(w io.Writer) (width, height int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, 0, false
	}
	width, height, _ = term.GetSize(int(f.Fd()))
	return width, height, true
}

// The height of a chart in the terminal, in lines: with a table of four kernels it fits a terminal of 24. It grows with the
// terminal, and stops to do so where a wider one would only be emptier.
const (
	terminalRows = 16
	tallestChart = 30
	widestChart  = 140
)

// terminalHeight is the height of a chart on the terminal that w is; 0 when it is none.
func terminalHeight(w io.Writer) int {
	_, height, ok := terminalSize(w)
	if !ok {
		return 0
	}
	return max(terminalRows, min(height-20, tallestChart))
}

// asciiOnly says whether w is a terminal that shows nothing but ASCII: the locale is set, and not to UTF-8, or it is the
// console of Linux, whose font has neither braille nor box drawing.
func asciiOnly(w io.Writer) bool {
	_, _, ok := terminalSize(w)
	return ok && asciiLocale(os.Getenv)
}

func asciiLocale(env func(string) string) bool {
	if t := env("TERM"); t == "linux" || t == "dumb" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(env(name)); v != "" {
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}
