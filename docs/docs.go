// Package docs is the manual: the pages of this directory, as roofline help shows them and man pages are made from them.
package docs

import "embed"

// Pages are the Markdown files of this directory.
//
//go:embed *.md
var Pages embed.FS
