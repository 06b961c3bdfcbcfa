package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/ceilings"
)

// Stored ceilings are used where they were taken with the effort that is asked for or more, and otherwise it is said why they are not.
func TestStoredCeilings(t *testing.T) {
	stored := []roofline.Ceiling{{Threads: 1, Effort: "quick"}, {Threads: 2, Effort: "full"}}
	for _, c := range []struct {
		req  ceilingRequest
		want int // numbers of threads that are measured
		text string
	}{
		{ceilingRequest{quick: true}, 1, "for 4 threads (stored for the next time)"},
		{ceilingRequest{}, 2, "for 1 and 4 threads (stored for the next time; those that are stored were taken with quick effort, default is asked for)"},
		{ceilingRequest{full: true}, 2, "quick effort, full is asked for)"},
		{ceilingRequest{refresh: true}, 3, "for 1 and 2 and 4 threads (stored for the next time)"},
	} {
		want := c.req.lacking(stored, []int{1, 2, 4})
		_, effort := c.req.effort()
		if text := measuringText(want, stored, c.req.refresh, effort); len(want) != c.want || !strings.HasSuffix(text, c.text) {
			t.Errorf("%+v: %v, %s", c.req, want, text)
		}
	}
}

func TestCeilingsSayThatTheyAreStored(t *testing.T) {
	storeCeilings(t)
	said := regexp.MustCompile(`^stored \d{4}-\d\d-\d\d \d\d:\d\d, taken with full effort \(--refresh measures them again\)\n`)
	for _, flags := range [][]string{nil, {"--quick"}, {"--full"}} {
		code, stdout, stderr := invoke(t, append([]string{"ceilings"}, flags...)...)
		if code != exitDone || !said.MatchString(stdout) {
			t.Errorf("%v: exit code %d\n%s%s", flags, code, stdout, stderr)
		}
	}
	if code, stdout, _ := invoke(t, "ceilings", "--format", "csv"); code != exitDone || strings.Contains(stdout, "--refresh") {
		t.Errorf("as CSV: exit code %d\n%s", code, stdout)
	}
}

// The cure of what could not be stored is said once.
func TestUnstored(t *testing.T) {
	for _, dir := range []string{"", "file/x"} { // none, and one that cannot be
		t.Chdir(t.TempDir())
		for name, value := range map[string]string{"HOME": "", "XDG_CACHE_HOME": "", "ROOFLINE_CACHE": dir} {
			t.Setenv(name, value)
		}
		if err := os.WriteFile("file", nil, 0o644); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(warningTexts([]roofline.Warning{unstored(ceilings.Save("0123", nil))}), "")
		if strings.Count(text, "set ROOFLINE_CACHE to a directory") != 1 {
			t.Errorf("%q: %s", dir, text)
		}
	}
}
