package asm

import (
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

// line is one instruction of a disassembly.
type line struct {
	addr uint64
	text string // mnemonic and operands
}

var (
	codeLine = regexp.MustCompile(`^\s*([0-9a-f]+):\t(.*)$`)
	branch   = regexp.MustCompile(`^jne\s+(?:0x)?([0-9a-f]+)`)
	call     = regexp.MustCompile(`^call\s+(?:0x)?([0-9a-f]+)`)
)

// disassemble returns the instructions of this test's own program between two addresses. The program has no symbols.
func disassemble(t *testing.T, from, to uint64) (code []line) {
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
			code = append(code, line{hex(t, m[1]), strings.TrimSpace(m[2])})
		}
	}
	return code
}

func hex(t *testing.T, s string) uint64 {
	t.Helper()
	v, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// function returns the assembly behind a Go function value: the value points to a wrapper for Go's calling convention,
// which calls it. The assembly ends with its only RET.
func function(t *testing.T, f any) []line {
	t.Helper()
	entry := uint64(reflect.ValueOf(f).Pointer())
	for _, l := range disassemble(t, entry, entry+128) {
		if m := call.FindStringSubmatch(l.text); m != nil {
			start := hex(t, m[1])
			code := disassemble(t, start, start+4096)
			if i := slices.IndexFunc(code, func(l line) bool { return strings.HasPrefix(l.text, "ret") }); i >= 0 {
				return code[:i+1]
			}
		}
	}
	t.Fatalf("no assembly found behind the function at %#x", entry)
	return nil
}

// body returns what lies between the target of the only backward branch and the branch.
func body(t *testing.T, code []line) (loop []line) {
	t.Helper()
	for _, l := range code {
		m := branch.FindStringSubmatch(l.text)
		if m == nil {
			continue
		}
		target := hex(t, m[1])
		if target >= l.addr {
			continue
		}
		if loop != nil {
			t.Error("a second backward branch")
		}
		for _, b := range code {
			if b.addr >= target && b.addr < l.addr {
				loop = append(loop, b)
			}
		}
	}
	if loop == nil {
		t.Fatal("no loop")
	}
	return loop
}

// TestLoopBodies checks by disassembly that every loop does what its ceiling says: the promised instructions, the decrement
// and the branch, nothing else, and no memory but the promised tile loads.
func TestLoopBodies(t *testing.T) {
	if _, err := exec.LookPath("objdump"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("objdump"))
	}
	for _, l := range Loops() {
		t.Run(l.ID, func(t *testing.T) {
			loop := body(t, function(t, l.Func))
			if loop[0].addr%64 != 0 {
				t.Errorf("the loop begins at %#x, not on a multiple of 64", loop[0].addr)
			}
			got := map[string]int{}
			for i, b := range loop {
				name, operands, _ := strings.Cut(b.text, " ")
				if i == len(loop)-1 {
					if name != "dec" {
						t.Errorf("the loop ends with %q, want the decrement", b.text)
					}
					continue
				}
				got[name]++
				if strings.Contains(operands, "(") && name != "tileloadd" {
					t.Errorf("memory operand: %s", b.text)
				}
			}
			want := map[string]int{}
			for _, in := range l.Body {
				want[in.Name] = in.N
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("the loop holds %v, want %v", got, want)
			}
			if n := independent(t, loop); n < needed(l) {
				t.Errorf("%d independent accumulators, want at least %d", n, needed(l))
			}
		})
	}
}

var lastOperand = regexp.MustCompile(`%([a-z]+[0-9]+)$`)

// independent counts the registers that the loop writes. Each is written by arithmetic on itself, so it is one chain.
func independent(t *testing.T, loop []line) int {
	t.Helper()
	chains := map[string]bool{}
	for _, b := range loop[:len(loop)-1] {
		if strings.HasPrefix(b.text, "tileloadd") {
			continue
		}
		m := lastOperand.FindStringSubmatch(b.text)
		if m == nil {
			t.Fatalf("no destination register: %s", b.text)
		}
		chains[m[1]] = true
	}
	return len(chains)
}

// needed is latency × pipes: 4 cycles × 2 for most, one more set for additions beside FMAs; a tile product takes 52 cycles
// and a new one starts every 16.
func needed(l Loop) int {
	switch l.Op {
	case "fmaadd":
		return 14
	case "amx", "amxload":
		return 4
	}
	return 12
}
