package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/fakepmu/model"
	"github.com/roofline-go/roofline/internal/fakepmu/scenario"
)

// runMake writes a scenario: fakepmu make UARCH DIR [role=value ...] with flags anywhere among them. role@SYMBOL=value
// counts value per execution of a function of the program.
func runMake(out io.Writer, args []string) error {
	o := scenario.Defaults()
	flags := flag.NewFlagSet("fakepmu make", flag.ContinueOnError)
	reference := flags.String("reference", os.Getenv("REF"), "directory of intel.json, amd.json and arm.json")
	flags.StringVar(&o.Name, "name", "", "name of the scenario (default: UARCH)")
	flags.IntVar(&o.Paranoid, "paranoid", o.Paranoid, "perf_event_paranoid (default 2)")
	flags.BoolVar(&o.Unprivileged, "unprivileged", false, "without CAP_PERFMON")
	flags.IntVar(&o.Channels, "imc", o.Channels, "instances of a PMU that has several, such as a memory controller")
	flags.IntVar(&o.CPUs, "cpus", o.CPUs, "number of CPUs")
	flags.IntVar(&o.Packages, "packages", o.Packages, "number of sockets")
	flags.BoolVar(&o.Rate, "rate", false, "values are per second")
	flags.BoolVar(&o.NoUncore, "no-uncore", false, "no PMU but the cores'")
	flags.BoolVar(&o.NMIWatchdog, "nmi-watchdog", false, "the NMI watchdog holds a counter")
	flags.BoolVar(&o.SMTOff, "smt-off", false, "one thread a core")
	flags.StringVar(&o.Unknown, "unknown", o.Unknown, "what configs without a value do: zero, or an errno")
	flags.Func("error", "PMU:CONFIG:ERRNO: opening fails (repeatable; PMU and CONFIG may be empty)", func(text string) error {
		parts := strings.Split(text, ":")
		if len(parts) != 3 {
			return fmt.Errorf("want PMU:CONFIG:ERRNO")
		}
		o.Errors = append(o.Errors, model.ErrorSpec{PMU: parts[0], Config: parts[1], Errno: parts[2]})
		return nil
	})
	flags.Func("emfile-after", "N: opening fails with EMFILE once N events are open", func(text string) error {
		n, err := strconv.Atoi(text)
		o.Errors = append(o.Errors, model.ErrorSpec{AfterOpens: n, Errno: "EMFILE"})
		return err
	})
	flags.Func("lie", "ROLE=FACTOR: the counter shows so many times the truth (repeatable)", func(text string) error {
		return assign(o.Lies, text)
	})
	flags.Func("never", "ROLE: never gets onto the PMU (repeatable)", func(text string) error {
		o.Never = append(o.Never, text)
		return nil
	})
	words, err := interspersed(flags, args)
	if err != nil {
		return &usageError{err}
	}
	if len(words) < 2 {
		return usagef("usage: fakepmu make UARCH DIR [role=value ...] [flags]")
	}
	for _, w := range words[2:] {
		if err := value(&o, w); err != nil {
			return &usageError{err}
		}
	}
	return makeScenario(out, *reference, words[0], words[1], o)
}

// interspersed parses flags that stand anywhere and returns the other words.
func interspersed(flags *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := flags.Parse(args); err != nil || flags.NArg() == 0 {
			return words, err
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
}

// value reads role=value or role@symbol=value.
func value(o *scenario.Options, word string) error {
	key, text, _ := strings.Cut(word, "=")
	role, symbol, perCall := strings.Cut(key, "@")
	if !perCall {
		return assign(o.Values, word)
	}
	if o.PerCall[role] == nil {
		o.PerCall[role] = map[string]float64{}
	}
	return assign(o.PerCall[role], symbol+"="+text)
}

func assign(to map[string]float64, word string) error {
	key, text, ok := strings.Cut(word, "=")
	v, err := strconv.ParseFloat(text, 64)
	if !ok || err != nil {
		return fmt.Errorf("%q: want NAME=NUMBER", word)
	}
	to[key] = v
	return nil
}

func makeScenario(out io.Writer, reference, uarch, dir string, o scenario.Options) error {
	var err error
	if reference == "" {
		if reference, err = scenario.FindReference(); err != nil {
			return err
		}
	}
	ref, err := scenario.ReadReference(os.DirFS(reference))
	if err != nil {
		return err
	}
	u, ok := ref[uarch]
	if !ok {
		return usagef("unknown microarchitecture %q; there are %s", uarch, strings.Join(ref.Names(), ", "))
	}
	s, err := scenario.Make(u, dir, o)
	if err != nil {
		return err
	}
	var pmus []string
	for name := range s.PMUs {
		pmus = append(pmus, name)
	}
	slices.Sort(pmus)
	_, err = fmt.Fprintln(out, dir, strings.Join(pmus, " "))
	return err
}
