package decode_test

import (
	"testing"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// BenchmarkDecode reads the sample's encodings, which hold more EVEX than programs do; one op is one instruction.
func BenchmarkDecode(b *testing.B) {
	rows := readSample(b)
	var in decode.Inst
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		row := &rows[i%len(rows)]
		if err := decode.DecodeInto(&in, row.code, row.addr); err != nil {
			b.Fatal(err)
		}
	}
}
