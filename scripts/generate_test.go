package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

// tree is a repository like this one, with generators that write what "made" holds, or fail where it is not there.
type tree struct {
	*testing.T
	dir string
}

func newTree(t *testing.T) *tree {
	for _, tool := range []string{"bash", "git", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.SkipUnsupported(t, testkit.MissingTool(tool))
		}
	}
	testkit.PlainGit(t)
	r := &tree{t, t.TempDir()}
	script, err := os.ReadFile("generate")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"scripts/generate":               string(script),
		"go.mod":                         "module m\n\ngo 1.24\n",
		"kernels/asm/_gen/go.mod":        "module gen\n\ngo 1.24\n",
		"kernels/asm/_gen/gen.go":        "package gen\n",
		"kernels/asm/_gen/generate.sh":   "cp ../../../made \"$1/kernels/asm/zz_a.s\"\n",
		"kernels/asm/zz_a.s":             "old\n",
		"cache/zz_stale.s":               "nothing generates this\n",
		"perf/uarch/tables/a.txt":        "old\n",
		"perf/uarch/_gen/main_test.go":   "package main\n\nimport \"testing\"\n\nfunc TestTablesAreUpToDate(t *testing.T) { t.Error(\"they are not\") }\n",
		"perf/uarch/_gen/main.go":        "package main\n\nimport \"os\"\n\nfunc main() {\n\tdata, err := os.ReadFile(\"table\")\n\tif err != nil || os.WriteFile(os.Args[2]+\"/a.txt\", data, 0o644) != nil {\n\t\tos.Exit(1)\n\t}\n}\n",
		"perf/uarch/_gen/unrelated/x.go": "package x\n",
	} {
		r.write(name, text)
	}
	r.must("git", "init", "-q")
	r.commit()
	return r
}

func (r *tree) write(name, text string) {
	r.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.Fatal(err)
	}
}

func (r *tree) run(name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Dir = r.dir
	out, err := c.CombinedOutput()
	return string(out), err
}

func (r *tree) must(name string, args ...string) string {
	r.Helper()
	out, err := r.run(name, args...)
	if err != nil {
		r.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

func (r *tree) commit() {
	r.Helper()
	r.must("git", "add", ".")
	r.must("git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "x")
}

// changes lists what differs from the last commit.
func (r *tree) changes() string {
	r.Helper()
	return strings.TrimSpace(r.must("git", "status", "--short"))
}

// A generator that fails leaves every file as it is, whichever it is, and so does --check; only when all are made they take their places.
func TestGenerateChangesAllOrNothing(t *testing.T) {
	r := newTree(t)
	generate := func(args ...string) (string, error) {
		return r.run("bash", append([]string{"scripts/generate"}, args...)...)
	}
	if out, err := generate(); err == nil || r.changes() != "" {
		t.Fatalf("the first generator fails: %v, changed: %s\n%s", err, r.changes(), out)
	}
	r.write("made", "new\n")
	r.commit()
	if out, err := generate(); err == nil || r.changes() != "" {
		t.Fatalf("the second generator fails: %v, changed: %s\n%s", err, r.changes(), out)
	}
	r.write("perf/uarch/_gen/table", "new\n")
	r.commit()
	if out, err := generate("--check"); err == nil || !strings.Contains(out, "is not what its generator makes") || r.changes() != "" {
		t.Fatalf("--check of old files: %v, changed: %s\n%s", err, r.changes(), out)
	}
	if out, err := generate(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got, want := r.changes(), "D cache/zz_stale.s\n M kernels/asm/zz_a.s\n M perf/uarch/tables/a.txt"; got != want {
		t.Errorf("changed:\n%s\nwant:\n%s", got, want)
	}
	r.commit()
	if out, err := generate("--check"); err != nil {
		t.Errorf("--check of new files: %v\n%s", err, out)
	}
	r.write("cache/zz_stale.s", "again\n")
	r.commit()
	if out, err := generate("--check"); err == nil || !strings.Contains(out, "nothing generates cache/zz_stale.s") {
		t.Errorf("--check of a file too many: %v\n%s", err, out)
	}
}
