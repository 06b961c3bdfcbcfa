package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/roofline-go/roofline/roofline/doctor"
)

func newDoctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what can be counted here, and what to change to count more",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := doctor.Run(cmd.Context())
			if err != nil {
				return err
			}
			if !asJSON {
				return report.WriteText(cmd.OutOrStdout())
			}
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetIndent("", " ")
			return enc.Encode(report)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return cmd
}
