package plots

import (
	"math"
	"runtime"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/perf/benchfmt"

	"github.com/roofline-go/roofline/roofline"
)

// benchTable prints the runs in the Go benchmark format (https://golang.org/design/14313-benchmark-format), which benchstat
// reads: one line per independent sample, in the order taken, with the time in ns/op and, where they are known, the
// performance, the share of the roof and the arithmetic intensity of every level.
func benchTable(res *roofline.Result) (string, error) {
	var b strings.Builder
	w := benchfmt.NewWriter(&b)
	config := []benchfmt.Config{
		{Key: "goos", Value: []byte(runtime.GOOS), File: true}, {Key: "goarch", Value: []byte(runtime.GOARCH), File: true},
		{Key: "cpu", Value: []byte(oneLine(res.Machine.CPU.Name)), File: true},
		{Key: "fingerprint", Value: []byte(oneLine(res.Machine.Fingerprint)), File: true},
	}
	for i := range res.Runs {
		r := &res.Runs[i]
		for _, seconds := range r.Time.Independent() {
			record := &benchfmt.Result{Config: config, Name: benchmarkName(r), Iters: max(r.Time.Batch, 1), Values: benchmarkValues(r, seconds)}
			if err := w.Write(record); err != nil {
				return "", err
			}
		}
	}
	return b.String(), nil
}

// benchmarkName is Matmul/avx512/f32/shape=512x512x512-1: the number of threads stands where Go puts GOMAXPROCS.
func benchmarkName(r *roofline.Run) benchfmt.Name {
	kernel := []rune(r.Kernel)
	if len(kernel) > 0 {
		kernel[0] = unicode.ToUpper(kernel[0])
	}
	parts := []string{string(kernel), r.Variant}
	if r.DType != "" {
		parts = append(parts, r.DType)
	}
	if s := r.Shape.String(); s != "" {
		parts = append(parts, "shape="+s)
	}
	for i, p := range parts { // white space and slashes would end the name or a part
		parts[i] = strings.Map(func(c rune) rune {
			if unicode.IsSpace(c) || unicode.IsControl(c) || c == '/' {
				return '_'
			}
			return c
		}, p)
	}
	return benchfmt.Name(strings.Join(parts, "/") + "-" + strconv.Itoa(r.Threads))
}

func benchmarkValues(r *roofline.Run, seconds float64) []benchfmt.Value {
	values := []benchfmt.Value{{Value: seconds, Unit: "sec/op", OrigValue: seconds * 1e9, OrigUnit: "ns/op"}}
	add := func(v float64, unit string) {
		if v > 0 && !math.IsInf(v, 0) {
			values = append(values, benchfmt.Value{Value: v, Unit: unit})
		}
	}
	add(r.FLOPs()/seconds/1e9, "G"+r.Operation()+"/s")
	if r.Bound != nil {
		add(100*r.Bound.Fraction*r.Time.Median/seconds, "%roof")
	}
	for _, p := range r.Points {
		add(p.AI, r.Operation()+"/B-"+p.Level)
	}
	return values
}
