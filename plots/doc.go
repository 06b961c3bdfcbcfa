// Package plots renders results: the roofline chart (PNG, SVG, PDF), tables (text, Markdown, CSV) and a terminal chart.
// It knows only results; it measures nothing and changes nothing.
//
// Terms:
//
//	slope       a bandwidth ceiling: performance = bandwidth × arithmetic intensity; its dash tells the level
//	flat        a compute ceiling; its hue tells the instruction set
//	ridge       the intensity at which a slope meets the highest flat
//	main point  the point of a run at the level that binds it (at the outermost known level when compute binds it)
//	provenance  how the numbers of a point were come by; it is drawn as the outline of the marker
//	scene       the drawing as a list of paths and texts in pixels, which the PNG, SVG and PDF writers share
//
// The package refuses to draw a missing value as 0: kernels without floating-point work and runs without a usable point
// are listed in the table beside the chart, with what is known about them, and are not placed on it.
package plots
