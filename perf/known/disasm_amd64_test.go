package known

import (
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

// inst is one instruction of a disassembly, in GNU syntax.
type inst struct {
	addr     uint64
	name     string
	operands string
}

var (
	codeLine = regexp.MustCompile(`^\s*([0-9a-f]+):\t(\S+)\s*(.*)$`)
	address  = regexp.MustCompile(`^(?:0x)?([0-9a-f]+)`)
)

func disassemble(t *testing.T, from, to uint64) (all []inst) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("objdump", "-d", "--no-show-raw-insn", "--start-address="+strconv.FormatUint(from, 10),
		"--stop-address="+strconv.FormatUint(to, 10), self).Output()
	if err != nil {
		t.Fatalf("objdump: %v", err)
	}
	for text := range strings.Lines(string(out)) {
		if m := codeLine.FindStringSubmatch(strings.TrimRight(text, "\n")); m != nil {
			all = append(all, inst{hex(t, m[1]), m[2], strings.TrimSpace(m[3])})
		}
	}
	return all
}

func hex(t *testing.T, s string) uint64 {
	t.Helper()
	m := address.FindStringSubmatch(s)
	if m == nil {
		t.Fatalf("no address: %q", s)
	}
	v, err := strconv.ParseUint(m[1], 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// assembly returns the code behind a Go function value, which points to a wrapper for Go's calling convention that calls it.
// It ends with its only return.
func assembly(t *testing.T, f any) []inst {
	t.Helper()
	entry := uint64(reflect.ValueOf(f).Pointer())
	for _, w := range disassemble(t, entry, entry+128) {
		if w.name != "call" {
			continue
		}
		start := hex(t, w.operands)
		code := disassemble(t, start, start+4096)
		for i, in := range code {
			if strings.HasPrefix(in.name, "ret") {
				return code[:i+1]
			}
		}
	}
	t.Fatalf("no assembly behind the function at %#x", entry)
	return nil
}

// execute adds up what the code does when its inner loop runs so many iterations in each of so many passes: the loops are
// found by their backward branches.
func execute(t *testing.T, code []inst, passes, iterations int) (total Tally) {
	t.Helper()
	type loop struct{ from, to uint64 }
	var loops []loop // inner first: its branch comes first
	for _, in := range code {
		if strings.HasPrefix(in.name, "j") {
			if target := hex(t, in.operands); target < in.addr {
				loops = append(loops, loop{target, in.addr})
			} else {
				t.Fatalf("forward branch: %s %s", in.name, in.operands)
			}
		}
	}
	trips := []int{iterations, passes}
	if len(loops) == 0 || len(loops) > 2 || len(loops) == 1 && passes != 1 {
		t.Fatalf("%d loops", len(loops))
	}
	for _, in := range code {
		n := 1
		for i, l := range loops {
			if in.addr >= l.from && in.addr <= l.to {
				n *= trips[i]
			}
		}
		total = total.plus(meaning(t, in).times(float64(n)))
	}
	return total
}

var arithmetic = regexp.MustCompile(`^v?(add|mul|fmadd213)([sp])([sdh])$`)

// meaning is what one instruction does, told from its text alone.
func meaning(t *testing.T, in inst) Tally {
	t.Helper()
	one := Tally{Instructions: 1}
	ops := splitOperands(in.operands)
	width := registerWidth(in.operands)
	if m := arithmetic.FindStringSubmatch(in.name); m != nil {
		lanes := width / map[string]float64{"s": 4, "d": 8, "h": 2}[m[3]]
		if m[2] == "s" {
			lanes = 1
		}
		one.Ops = lanes
		if m[1] == "fmadd213" {
			one.Ops = 2 * lanes
		}
	}
	switch in.name {
	case "vdpbf16ps":
		one.Ops = width / 4 * 2 * 2
	case "vpdpbusd":
		one.Ops = width / 4 * 4 * 2
	case "tdpbf16ps":
		one.Ops = 16 * 16 * 32 * 2
	case "tdpbssd":
		one.Ops = 16 * 16 * 64 * 2
	case "ret", "retq":
		return one.loads(1, 8)
	case "ldtilecfg":
		return one.loads(1, 64)
	case "tileloadd":
		return one.loads(1, 1024)
	case "tilestored":
		return one.stores(1, 1024)
	case "clflush":
		return one
	}
	for i, op := range ops {
		switch {
		case !strings.Contains(op, "("):
		case i < len(ops)-1:
			one = one.loads(1, width)
		case strings.Contains(in.name, "mov"):
			one = one.stores(1, width)
		default: // reads, modifies and writes
			one = one.loads(1, width).stores(1, width)
		}
	}
	return one
}

func splitOperands(s string) (ops []string) {
	depth, from := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				ops, from = append(ops, s[from:i]), i+1
			}
		}
	}
	return append(ops, s[from:])
}

var memOperand = regexp.MustCompile(`\([^)]*\)`)

// registerWidth is the bytes of the widest register outside memory operands; 64-bit registers otherwise.
func registerWidth(operands string) float64 {
	rest := memOperand.ReplaceAllString(operands, "")
	for _, w := range []struct {
		name  string
		bytes float64
	}{{"%zmm", 64}, {"%ymm", 32}, {"%xmm", 16}} {
		if strings.Contains(rest, w.name) {
			return w.bytes
		}
	}
	return 8
}

// TestTalliesAreWhatTheCodeDoes compares every tally with the disassembly for several numbers of passes and iterations: once,
// pass and iter cannot stand in for each other.
func TestTalliesAreWhatTheCodeDoes(t *testing.T) {
	if _, err := exec.LookPath("objdump"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("objdump"))
	}
	type entry struct {
		code
		function any
		passes   bool
	}
	var all []entry
	for _, c := range computes {
		all = append(all, entry{c.code, c.run, false})
	}
	for _, c := range streams {
		all = append(all, entry{c.code, c.run, true})
	}
	for _, c := range flushes {
		all = append(all, entry{c.code, c.run, false})
	}
	all = append(all, entry{chase.code, chase.run, false}, entry{flushChase.code, flushChase.run, false})
	if len(all) < 50 {
		t.Fatalf("only %d codes", len(all))
	}
	for _, e := range all {
		t.Run(e.name, func(t *testing.T) {
			code := assembly(t, e.function)
			for _, n := range [][2]int{{1, 1}, {1, 7}, {3, 5}} {
				passes := n[0]
				if !e.passes {
					passes = 1
				}
				want := execute(t, code, passes, n[1])
				if got := e.total(passes, n[1]); got != want {
					t.Errorf("%d passes of %d iterations: declared %+v, the code does %+v", passes, n[1], got, want)
				}
			}
		})
	}
}
