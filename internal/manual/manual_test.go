package manual

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/roofline-go/roofline/internal/testkit"
)

const sample = "# A `page`\n\nWords that are\nwrapped, *all* of [tune.md](tune.md) and [the text](tune.md#x) and [a place](https://example.org).\n\n" +
	"## Part\n\n- one\n- two, which goes on and on and on\n\n1. first\n2. second\n\n```sh\n$ roofline measure   --keep  spaces\n```\n\n" +
	"| what | meaning |\n|---|---|\n| `a` | a cell that must be wrapped here |\n| b | short |\n\n![a chart](x.png)\n"

const want = `A PAGE

Words that are wrapped, all of
roofline help tune and the
text (roofline help tune) and
a place (https://example.org).

PART

• one
• two, which goes on and on
  and on

1. first
2. second

    $ roofline measure   --keep  spaces

what  meaning
------------------------------
a     a cell that must be
      wrapped here
b     short

(picture: a chart)
`

func TestText(t *testing.T) {
	var b strings.Builder
	if err := Text(&b, Topic{Name: "x", Source: []byte(sample)}, 30); err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Errorf("got:\n%s", b.String())
	}
}

func pages(t *testing.T) []Topic {
	t.Helper()
	topics, err := Topics(os.DirFS("../../docs"))
	if err != nil {
		t.Fatal(err)
	}
	if len(topics) < 10 {
		t.Fatalf("only %d topics", len(topics))
	}
	return topics
}

// TestPagesFit: no line of any page is wider than the terminal, but for code and single words.
func TestPagesFit(t *testing.T) {
	for _, topic := range pages(t) {
		for _, width := range []int{60, 80, 100} {
			var b strings.Builder
			if err := Text(&b, topic, width); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				line = strings.TrimRight(line, "\n")
				if len([]rune(line)) > width && !strings.HasPrefix(line, "    ") && strings.Contains(strings.TrimSpace(line), " ") {
					t.Errorf("%s at %d columns: %q", topic.Name, width, line)
				}
			}
		}
	}
}

// TestPagesComplete: no word of a paragraph gets lost.
func TestPagesComplete(t *testing.T) {
	for _, topic := range pages(t) {
		var b strings.Builder
		if err := Text(&b, topic, 1<<20); err != nil {
			t.Fatal(err)
		}
		shown := strings.ToLower(b.String())
		for word := range strings.FieldsSeq(string(topic.Source)) {
			if strings.ContainsAny(word, "`*[]()|#<>\\&_") {
				continue // marked up
			}
			if !strings.Contains(shown, strings.ToLower(word)) && strings.Trim(word, "-=:") != "" {
				t.Errorf("%s: %q is not shown", topic.Name, word)
			}
		}
	}
}

// TestMan has groff read every man page with all warnings on.
func TestMan(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("groff"))
	}
	for _, topic := range pages(t) {
		page, err := topic.Man("v1")
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(groff, "-man", "-Kutf8", "-Tutf8", "-ww", "-Wbreak")
		cmd.Stdin = bytes.NewReader(page)
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil || errs.Len() > 0 {
			t.Errorf("%s: %v: %s", topic.Name, err, errs.String())
		}
		if title := strings.Fields(topic.Title)[0]; !strings.Contains(string(out), title) {
			t.Errorf("%s: the page does not name its title", topic.Name)
		}
	}
}

func TestTopics(t *testing.T) {
	dir := fstest.MapFS{"tutorial.md": {Data: []byte("# Six steps\n")}, "tune.md": {Data: []byte("# Tune `it`\n")}, "x.c": {}}
	topics, err := Topics(dir)
	if err != nil || len(topics) != 2 || topics[0].Title != "Tune it" {
		t.Fatalf("%v %v", topics, err)
	}
	for name, want := range map[string]string{"tune": "tune", "tut": "tutorial", "tu": "", "x": ""} {
		if got, ok := Find(topics, name); got.Name != want || ok != (want != "") {
			t.Errorf("Find(%q) = %q, %v", name, got.Name, ok)
		}
	}
	if _, err := Topics(fstest.MapFS{"bad.md": {Data: []byte("no heading")}}); err == nil || !strings.Contains(err.Error(), "bad.md") {
		t.Errorf("a page without heading: %v", err)
	}
}
