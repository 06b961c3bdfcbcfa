package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/roofline-go/roofline/internal/machine"
	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline/compare"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/helper"
)

// program spends its time in a chain of multiplications, N thousand of them.
const program = `#include <stdlib.h>
int main(int argc, char **argv) {
    volatile double sink;
    double x = 1.0000001;
    for (long i = 0, n = 1000 * atol(argv[1]); i < n; i++) x *= 1.0000000001;
    sink = x;
    return sink == 0;
}
`

// kernel is a dot product whose sum is a chain of additions, and goes over the first MORE of 1000 elements again.
const kernel = `double f(long n, const double *x, const double *y) {
    double s = 0, again = 0;
    for (long i = 0; i < n; i++) s += x[i] * y[i];
    for (long i = 0; i < n * MORE / 1000; i++) again += x[i] * y[i];
    __asm__ volatile("" :: "x"(again));
    return s;
}
`

// maker makes side a or b of a trial, which are different files; b may do so much more work.
type maker func(name string, slower float64) compare.Runner

// commands builds two copies of the program: the same bytes in different files.
func commands(dir string, work int) (maker, error) {
	if err := compile(dir, program, "a"); err != nil {
		return nil, err
	}
	return func(name string, slower float64) compare.Runner {
		return compare.Command{Args: []string{filepath.Join(dir, name), strconv.Itoa(int(float64(work) * (1 + slower)))}}
	}, duplicate(dir, "a", "b")
}

// kernels builds two copies of the function, and one that does more, and lets each process spend so much time on it.
func kernels(ctx context.Context, dir string, change float64, budget time.Duration) (maker, error) {
	flags := []string{"-shared", "-fPIC"}
	more := strconv.Itoa(int(1000*change + 0.5))
	for file, share := range map[string]string{"a.so": "0", "more.so": more} {
		if err := compile(dir, kernel, file, append(flags, "-DMORE="+share)...); err != nil {
			return nil, err
		}
	}
	path, err := helper.Find(ctx, func(text string) { fmt.Println(text) })
	if err != nil {
		return nil, err
	}
	signature, err := native.Parse("dot/f64:4000")
	if err != nil {
		return nil, err
	}
	host, _, err := machine.Describe()
	if err != nil {
		return nil, err
	}
	return func(name string, slower float64) compare.Runner {
		if slower > 0 {
			name = "more"
		}
		return &helper.Runner{Name: name, Helper: path, Limits: helper.DefaultLimits, Request: native.Request{
			Object: filepath.Join(dir, name+".so"), Function: "f", Signature: signature, Threads: 1, Budget: budget, Machine: host,
			Sources: []string{string(perf.SourceAnalytic)}}}
	}, duplicate(dir, "a.so", "b.so")
}

func compile(dir, source, out string, flags ...string) error {
	path := filepath.Join(dir, "work.c")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		return err
	}
	args := append([]string{"-O2", "-o", filepath.Join(dir, out)}, append(flags, path)...)
	if text, err := exec.Command("cc", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", out, err, text)
	}
	return nil
}

func duplicate(dir, from, to string) error {
	data, err := os.ReadFile(filepath.Join(dir, from))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, to), data, 0o755)
}
