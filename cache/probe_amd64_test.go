package cache

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	probeStart  = regexp.MustCompile(`^TEXT ·probe([A-Z][a-z]+)(NT|W|S4)?(\d+)(SSE|AVX2|AVX512)\(SB\)`)
	memoryRef   = regexp.MustCompile(`(-?\d+)?\((R1[0-3])\)`)
	advancement = regexp.MustCompile(`^ADDQ +\$0x([0-9a-f]+), (R1[0-3])$`)
)

// TestProbesTouchEveryByte reads the generated loops and checks that each iteration moves every byte of its block once:
// the distances of its memory operands from each walking pointer are 0, w, 2w … up to what is added to the pointer. A loop
// that skipped bytes would otherwise just look fast.
func TestProbesTouchEveryByte(t *testing.T) {
	text, err := os.ReadFile("zz_probes_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	functions, loop, name := 0, false, []string(nil)
	var touched map[string][]int
	var step map[string]int
	for l := range strings.Lines(string(text)) {
		l = strings.TrimSpace(l)
		switch m := probeStart.FindStringSubmatch(l); {
		case m != nil:
			functions, name = functions+1, m
			touched, step = map[string][]int{}, map[string]int{}
		case l == "loop:":
			loop = true
		case strings.HasPrefix(l, "DECQ") && loop:
			loop = false
			checkBlock(t, name, touched, step)
		case loop && advancement.MatchString(l):
			m := advancement.FindStringSubmatch(l)
			n, err := strconv.ParseInt(m[1], 16, 64)
			if err != nil {
				t.Fatal(err)
			}
			step[m[2]] = int(n)
		case loop && !strings.Contains(l, "prefetchw"):
			if m := memoryRef.FindStringSubmatch(l); m != nil {
				d := 0
				if m[1] != "" {
					if d, err = strconv.Atoi(m[1]); err != nil {
						t.Fatal(err)
					}
				}
				touched[m[2]] = append(touched[m[2]], d)
			}
		}
	}
	if functions != len(assembly) {
		t.Errorf("%d generated probes, %d in the table", functions, len(assembly))
	}
}

func checkBlock(t *testing.T, name []string, touched map[string][]int, step map[string]int) {
	t.Helper()
	op, form, set := name[1], name[2], name[4]
	block, _ := strconv.Atoi(name[3])
	width := map[string]int{"SSE": 16, "AVX2": 32, "AVX512": 64}[set]
	pointers := map[string]int{"Load": 1, "Store": 1, "Copy": 2, "Triad": 3}[op]
	if form == "S4" {
		pointers, block = 4, block/4
	}
	if len(touched) != pointers || len(step) != pointers {
		t.Errorf("%s: %d arrays are touched and %d advanced, want %d", name[0], len(touched), len(step), pointers)
	}
	for r, distances := range touched {
		if step[r] != block || len(distances) != block/width {
			t.Errorf("%s: %d accesses of %d bytes in a block of %d that advances by %d", name[0], len(distances), width, block, step[r])
		}
		for i, d := range distances {
			if d != i*width {
				t.Errorf("%s: access %d is at %d, want %d", name[0], i, d, i*width)
			}
		}
	}
}
