package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"text/tabwriter"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
)

// steady is the ceilings whose repeatability is checked: compute and the private caches.
var steady = []string{"compute.fma.*.f32", "compute.fma.*.f64", "bandwidth.*.L1", "bandwidth.*.L2"}

// once measures the steady ceilings on one CPU and writes them as JSON: one of the processes of repeat.
func once(ctx context.Context, w io.Writer) error {
	list, _, err := ceilings.Measure(ctx, ceilings.Options{Mode: ceilings.Quick, Threads: []int{1}, Only: steady})
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(list)
}

// repeat measures in n processes, one after the other, and prints the coefficient of variation of each ceiling.
func repeat(ctx context.Context, w io.Writer, n int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	values, order, unit := map[string][]float64{}, []string(nil), map[string]string{}
	for range n {
		out, err := exec.CommandContext(ctx, self, "-once").Output()
		if err != nil {
			return fmt.Errorf("run one process: %w", err)
		}
		var list []roofline.Ceiling
		if err := json.NewDecoder(bytes.NewReader(out)).Decode(&list); err != nil {
			return fmt.Errorf("run one process: %w", err)
		}
		for _, c := range list {
			if values[c.ID] == nil {
				order = append(order, c.ID)
			}
			values[c.ID], unit[c.ID] = append(values[c.ID], c.Value.Median), c.Unit
		}
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "CEILING\tMEAN OF %d PROCESSES\tCV\n", n)
	for _, id := range order {
		mean, cv := variation(values[id])
		fmt.Fprintf(tw, "%s\t%s\t%.2f%%\n", id, units.SI(mean, unit[id]), 100*cv)
	}
	return tw.Flush()
}

// variation returns the mean and the coefficient of variation: the standard deviation of the sample over the mean.
func variation(v []float64) (mean, cv float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	sum := 0.
	for _, x := range v {
		sum += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(sum/float64(len(v)-1)) / mean
}
