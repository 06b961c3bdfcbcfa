package compare

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/roofline-go/roofline/internal/units"
)

// junit is a JUnit report: one test case a comparison.
type junit struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	Time    string       `xml:"time,attr,omitempty"`
	Failure *junitResult `xml:"failure,omitempty"`
	Error   *junitResult `xml:"error,omitempty"`
	Out     string       `xml:"system-out"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report as JUnit XML. A regression is a failure; what could not be decided is an error.
func WriteJUnit(w io.Writer, r *Report, findings []Finding) error {
	suite := junit{Name: "roofline compare --gate", Tests: len(r.Comparisons)}
	judged := map[string]bool{}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		judged[c.ID] = true
		tc := junitCase{Name: c.ID, Class: "roofline", Time: fmt.Sprintf("%.9f", c.Time.New.Median), Out: c.Verdict.Text}
		failures, problems := textsOf(findings, c.ID)
		switch {
		case len(failures) > 0:
			suite.Failures++
			tc.Failure = &junitResult{failures[0], strings.Join(failures, "\n")}
		case len(problems) > 0:
			suite.Errors++
			tc.Error = &junitResult{problems[0], strings.Join(problems, "\n")}
		}
		suite.Cases = append(suite.Cases, tc)
	}
	for _, f := range findings { // of what was not compared
		if !judged[f.ID] {
			text := string(f.Ruling) + ": " + f.Text
			suite.Tests, suite.Errors = suite.Tests+1, suite.Errors+1
			suite.Cases = append(suite.Cases, junitCase{Name: f.ID, Class: "roofline", Error: &junitResult{text, text}})
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	if err := enc.Encode(suite); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func textsOf(findings []Finding, id string) (regressions, problems []string) {
	for _, f := range findings {
		switch {
		case f.ID != id:
		case f.Ruling == Regressed:
			regressions = append(regressions, f.Text)
		default:
			problems = append(problems, string(f.Ruling)+": "+f.Text)
		}
	}
	return regressions, problems
}

// WriteSummary writes the report as Markdown, for the summary page of a CI job.
func WriteSummary(w io.Writer, r *Report, ruling Ruling, findings []Finding) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### Performance gate: %s\n\n| kernel | base | new | verdict |\n|---|---|---|---|\n", ruling)
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(c.ID), duration(c.Time.Base), duration(c.Time.New), cell(c.Verdict.Text))
	}
	if len(r.Comparisons) > 1 {
		fmt.Fprintf(&b, "\ngeometric mean: %s\n", ratioText(r.GeoMean))
	}
	for i, f := range findings {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- **%s** %s: %s\n", f.Ruling, cell(f.ID), cell(f.Text))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// cell makes any text safe inside a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;", ">", "&gt;", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[").Replace(units.OneLine(s))
}
