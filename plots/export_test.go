package plots

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestMarksNameAndPlaceAsTheChartDoes(t *testing.T) {
	res := sixKernels()
	marks := Marks(res)
	if len(marks) != len(res.Runs) {
		t.Fatalf("%d marks for %d runs", len(marks), len(res.Runs))
	}
	naive, gemv, copied := marks[0], marks[5], marks[6]
	if naive.Family != "go" || naive.Provenance != "declared" || naive.Bound != "compute" || naive.Level != "DRAM" || !naive.Placed {
		t.Errorf("naive: %+v", naive)
	}
	if gemv.Bound != "DRAM" || gemv.Level != "DRAM" || !gemv.Above { // 15.2 GFLOP/s at AI 0.5 under 25.4 GB/s
		t.Errorf("gemv: %+v", gemv)
	}
	if copied.Placed || copied.Number != 7 {
		t.Errorf("copy has no FLOPs and no point: %+v", copied)
	}
}

func TestLinesAreSlopesThenFlats(t *testing.T) {
	lines, err := Lines(sixKernels(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var levels []string
	merged := false
	for _, l := range lines {
		if l.Main {
			levels = append(levels, l.Level)
		}
		merged = merged || slices.Equal(l.Families, []string{"avx512", "avx2"}) && len(l.IDs) == 2 // 118.1 and 117.6 GFLOP/s
	}
	if !slices.Equal(levels, []string{"L1", "L2", "L3", "DRAM"}) || !merged {
		t.Errorf("levels %v, AVX-512 and AVX2 share a line: %v; %+v", levels, merged, lines)
	}
	if _, err := Lines(sixKernels(), 64); err == nil {
		t.Error("no error for a thread count without ceilings")
	}
}

func TestInlineSVGLeavesThePageAlone(t *testing.T) {
	c, err := Roofline(sixKernels(), Options{Title: `</svg><script>alert(1)</script>`})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.WriteInlineSVG(&b, "one"); err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for dec := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		token, err := dec.Token()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		names[start.Name.Local]++
		for _, a := range start.Attr {
			if a.Name.Local == "id" && !strings.HasPrefix(a.Value, "one-") || a.Name.Local == "style" {
				t.Errorf("<%s %s=%q>", start.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
	if names["svg"] != 1 || names["style"]+names["script"] > 0 || names["text"] < 20 {
		t.Errorf("elements %v", names)
	}
}
