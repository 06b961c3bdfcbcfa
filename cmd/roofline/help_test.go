package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/docs"
	"github.com/roofline-go/roofline/internal/manual"
)

func TestHelp(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "Topics (roofline help TOPIC)"},
		{"measure", "--time-budget"},
		{"session log", "roofline session log"},
		{"traffic", "BYTES AND LEVELS"},
		{"tune", "roofline help tune.md"},
		{"tune.md", "TUNING YOUR OWN KERNEL"},
	} {
		code, out, errs := invoke(t, append([]string{"help"}, strings.Fields(c.args)...)...)
		if code != exitDone || !strings.Contains(out, c.want) {
			t.Errorf("help %s: exit code %d, no %q in %q %s", c.args, code, c.want, out, errs)
		}
	}
	topics, err := manual.Topics(docs.Pages)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics { // every one that is listed, also where names of others begin with its name
		title := strings.ToUpper(strings.Fields(topic.Title)[0])
		if code, out, errs := invoke(t, "help", topic.Name+".md"); code != exitDone || !strings.Contains(strings.ToUpper(out), title) {
			t.Errorf("help %s.md: exit code %d, no %q; %s", topic.Name, code, title, errs)
		}
	}
	for _, bad := range []string{"nonsense", "__count", "traffic twice"} {
		if code, _, errs := invoke(t, append([]string{"help"}, strings.Fields(bad)...)...); code != exitUsage || !strings.Contains(errs, "roofline help") {
			t.Errorf("help %s: exit code %d, %q", bad, code, errs)
		}
	}
}

func TestManPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man")
	if code, _, errs := invoke(t, "help", "--man", dir); code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for name, want := range map[string]string{"roofline.1": "Measure how close", "roofline-measure.1": "time-budget", "roofline-traffic.7": "SH NAME"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, no %q", name, err, want)
		}
	}
}
