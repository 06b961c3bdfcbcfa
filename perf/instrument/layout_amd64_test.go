package instrument

import (
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/roofline-go/roofline/perf/instrument/rewrite"
)

// The assembly has its own names for the offsets.
func TestOffsetsInAssembly(t *testing.T) {
	want := map[string]int64{
		"OffHandle": rewrite.OffHandle, "OffEntrySP": rewrite.OffEntrySP, "OffEntryBP": rewrite.OffEntryBP, "OffReturn": rewrite.OffReturn,
		"OffAside": rewrite.OffAside, "OffStackSP": rewrite.OffStackSP, "OffTarget": rewrite.OffTarget,
		"OffSignal": rewrite.OffSignal, "OffSignalCode": rewrite.OffSignalCode, "OffSignalAddr": rewrite.OffSignalAddr,
	}
	define := regexp.MustCompile(`(?m)^#define (Off\w+) +(0x[0-9a-f]+)$`)
	seen := 0
	for _, file := range []string{"enter_amd64.s", "faults_amd64.s"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range define.FindAllStringSubmatch(string(text), -1) {
			v, err := strconv.ParseInt(m[2], 0, 64)
			if w, ok := want[m[1]]; err != nil || !ok || v != w {
				t.Errorf("%s: %s is %s, want %#x", file, m[1], m[2], w)
			}
			seen++
		}
	}
	if seen < len(want) {
		t.Errorf("%d offsets found, want %d at least", seen, len(want))
	}
}

// The parts of a thread's memory lie one behind the other.
func TestContextLayout(t *testing.T) {
	offsets := []int{rewrite.OffResultX1 + 16, rewrite.OffGPR + 16*8, rewrite.OffSpill + 8*rewrite.OffSpills, rewrite.OffArgs + 6*8, rewrite.OffFloatArgs + 8*8, rewrite.OffBorrowed + 16*8, rewrite.OffTileConfig + 64, rewrite.OffTileNew + 64, rewrite.OffProcess + 8, rewrite.OffXSave + 11008, rewrite.ContextSize}
	next := []int{rewrite.OffGPR, rewrite.OffSpill, rewrite.OffArgs, rewrite.OffFloatArgs, rewrite.OffBorrowed, rewrite.OffTileConfig, rewrite.OffTileNew, rewrite.OffSignal, rewrite.OffXSave, rewrite.OffCounters, asideAt + 1}
	for i := range offsets {
		if offsets[i] > next[i] {
			t.Errorf("part %d ends at %#x, the next begins at %#x", i, offsets[i], next[i])
		}
	}
	if rewrite.OffXSave%64 != 0 || rewrite.OffCounters%64 != 0 {
		t.Error("areas are not aligned")
	}
}
