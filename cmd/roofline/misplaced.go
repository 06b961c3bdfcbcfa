package main

import "github.com/spf13/cobra"

// misplaced refuses flags that were given and mean nothing to what is asked for: a flag that is passed over in silence is taken for
// one that had its effect.
func misplaced(cmd *cobra.Command, to string, flags ...string) error {
	for _, name := range flags {
		if cmd.Flags().Changed(name) {
			return usagef("--%s means nothing to %s", name, to)
		}
	}
	return nil
}

// Flags that only some of what measure, tune and compare take have a use for.
var (
	selectFlags = []string{"dtype", "shape", "isa"}                                     // choose built-in kernels
	timingFlags = []string{"time-budget", "quick"}                                      // say how long to measure
	nativeFlags = []string{"function", "as", "signature", "memory-limit", "time-limit"} // call a function of an object
)
