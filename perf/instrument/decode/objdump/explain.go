package objdump

import (
	"strings"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

func explainRefusal(l Line, err *decode.UnknownError) string {
	switch {
	case strings.Contains(l.Text, "(bad)") || strings.Contains(l.Text, "{bad}"):
		return "objdump calls it bad too"
	}
	return ""
}

func explainLength(l Line, in *decode.Inst) string {
	return ""
}

func explainText(name, operands string, in *decode.Inst) string {
	return ""
}
