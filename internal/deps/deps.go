// Package deps pins modules while the packages that use them are being written.
package deps

import (
	_ "charm.land/lipgloss/v2/table"
	_ "github.com/hodgesds/perf-utils"
	_ "github.com/klauspost/cpuid/v2"
	_ "github.com/spf13/cobra"
	_ "github.com/vbauerster/mpb/v8"
	_ "golang.org/x/perf/benchfmt"
	_ "golang.org/x/perf/benchmath"
	_ "golang.org/x/sys/unix"
	_ "golang.org/x/term"
	_ "gonum.org/v1/plot"
	_ "gonum.org/v1/plot/vg/vgimg"
	_ "gonum.org/v1/plot/vg/vgpdf"
	_ "gonum.org/v1/plot/vg/vgsvg"
)
