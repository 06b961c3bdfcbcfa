package main

import (
	"os"
	"strings"
	"testing"
)

func TestMissingResultNamesWhatIsNear(t *testing.T) {
	t.Chdir(t.TempDir())
	commands := [][]string{{"report", "missing.json"}, {"report", "missing.jsonl"}, {"plot", "missing.json"}, {"plot", "missing.jsonl", "--chart", "trajectory"},
		{"compare", "missing.json", "missing.json"}, {"explain", "missing.json"}}
	failing := func(want string) {
		t.Helper()
		for _, args := range commands {
			if code, _, stderr := invoke(t, args...); code != exitFailed || !strings.Contains(stderr, "no such file") || !strings.Contains(stderr, want) {
				t.Errorf("%v: exit code %d, want %q in %s", args, code, want, stderr)
			}
		}
	}
	failing("(roofline measure writes roofline-out/result.json, ")
	for name, text := range map[string]string{"roofline-out/result.json": `{"schema": "roofline/result/v1"}`, "package.json": `{"name": "unrelated"}`} {
		if err := os.MkdirAll("roofline-out", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	failing("(there is roofline-out/result.json; ")
}
