package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io/fs"
	"sync"

	"github.com/roofline-go/roofline/plots"
)

//go:embed assets
var files embed.FS

// pageTemplate is parsed once, when the first report is written.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page.tmpl").ParseFS(files, "assets/tmpl/*.tmpl"))
})

// assets are the style sheet, the script and the policy that allows these, the line in the head, and nothing else: no request
// leaves the page, no other script or style runs.
type assets struct {
	style  template.CSS
	script template.JS
	policy string
}

// assetsFor adds to the style sheet the dark colours of the charts that the page embeds.
func assetsFor(charts ...*plots.Chart) assets {
	css := styles()
	if len(charts) > 0 {
		dark := "{" + plots.Variables(plots.Dark, charts...) + "}"
		css += plots.InlineStyle + `@media screen and (prefers-color-scheme:dark){:root:not([data-theme="light"]) svg.chart` + dark + "}" +
			`@media screen{:root[data-theme="dark"] svg.chart` + dark + "}\n"
	}
	js := scripts()
	policy := "default-src 'none'; script-src " + hash(starting) + " " + hash(js) + "; style-src " + hash(css) + "; img-src data:; base-uri 'none'; form-action 'none'"
	return assets{template.CSS(css), template.JS(js), policy}
}

var (
	styles  = sync.OnceValue(func() string { return join("assets/css/*.css") })
	scripts = sync.OnceValue(func() string {
		return "(async () => {\n\"use strict\";\n" + join("assets/js/*.js") + "})().catch(e => { " + ended + "; throw e; });\n"
	})
)

// starting is the script at the head of the page: what the scripts will replace or put away is not even laid out, until they
// are done or have failed.
const (
	starting = `document.documentElement.classList.add("starting")`
	ended    = `document.documentElement.classList.remove("starting")`
)

// join puts files together in the order of their names.
func join(pattern string) string {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		panic(err) // the pattern is a constant
	}
	var b bytes.Buffer
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		b.Write(text)
	}
	return b.String()
}

// hash names a script or style in a Content-Security-Policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
