package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"html/template"

	"github.com/roofline-go/roofline/roofline"
)

// document is the data of a report, as the page carries it for download. A report of one measurement carries its result
// document alone.
type document struct {
	Schema  string          `json:"schema"`
	Results []documentEntry `json:"results"`
}

type documentEntry struct {
	Label  string           `json:"label"`
	Result *roofline.Result `json:"result"`
}

// dataOf packs all results.
func dataOf(s *story) (template.HTML, error) {
	if len(s.entries) == 1 {
		return pack(s.entries[0].Record.Result)
	}
	d := document{Schema: "roofline/report/v1"}
	for _, e := range s.entries {
		d.Results = append(d.Results, documentEntry{e.Label, e.Record.Result})
	}
	return pack(d)
}

// pack writes a value as JSON, compressed by gzip, in base64: a sixth of its size, and nothing in it can be taken for markup.
func pack(v any) (template.HTML, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(v); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return template.HTML(base64.StdEncoding.EncodeToString(b.Bytes())), nil
}
