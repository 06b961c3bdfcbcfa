package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/perf/instrument"
	"github.com/roofline-go/roofline/roofline/measure"
)

// countCommand is the hidden command of the processes in which kernels run instrumented.
const countCommand = "__count"

func newCount() *cobra.Command {
	return &cobra.Command{
		Use: countCommand, Hidden: true, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return measure.ServeCounts(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

// thisProgram is the path of this program, which starts itself again for what shall have a process of its own.
func thisProgram() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", unfitError{fmt.Errorf("find this program: %w (mount /proc: processes of its own count and compare)", err)}
	}
	return self, nil
}

// countingChild starts this program again with that command.
func countingChild() (instrument.Child, error) {
	self, err := thisProgram()
	if err != nil {
		return instrument.Child{}, err
	}
	return instrument.Child{Command: []string{self, countCommand}}, nil
}
