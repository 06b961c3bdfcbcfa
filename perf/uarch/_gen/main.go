// Command _gen writes the event tables of perf/uarch from the reference files beside it: one text table per
// microarchitecture, the map from CPUs to them, and the caveats. Run it with scripts/generate.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	out := flag.String("out", "../tables", "directory of the tables")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "generate event tables:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var formats map[string]map[string]string
	if err := read("pmus.json", &formats); err != nil {
		return err
	}
	files := map[string][]byte{}
	var rows [][]string
	caveats := map[string]string{}
	for _, name := range []string{"intel.json", "amd.json", "arm.json"} {
		var ref reference
		if err := read(name, &ref); err != nil {
			return err
		}
		for key, u := range ref.Microarchitectures {
			text, err := table(name, key, ref, u, formats)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", name, key, err)
			}
			files[key+".txt"] = text
		}
		more, err := mapRows(ref)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, more...)
		for id, text := range ref.Caveats {
			if old, ok := caveats[id]; ok && old != text {
				return fmt.Errorf("%s: caveat %s has another text elsewhere", name, id)
			}
			caveats[id] = text
		}
	}
	files["map.csv"] = mapCSV(rows)
	files["caveats.txt"] = caveatText(caveats)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(out, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func read(name string, into any) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
