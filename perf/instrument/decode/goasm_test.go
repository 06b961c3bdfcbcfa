package decode_test

import (
	"bufio"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf/instrument/decode"
)

// TestGoAssemblerTestdata reads the encodings that the Go assembler is tested with: a third source, with encodings that neither
// compilers nor the sample's generator write.
func TestGoAssemblerTestdata(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("no go command to ask for the distribution: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "src/cmd/asm/internal/asm/testdata")
	files, _ := filepath.Glob(filepath.Join(dir, "amd64enc*.s"))
	more, _ := filepath.Glob(filepath.Join(dir, "avx512enc", "*.s"))
	files = append(files, more...)
	if len(files) == 0 {
		t.Skip("the Go distribution comes without the assembler's testdata")
	}
	encodings := 0
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for sc := bufio.NewScanner(f); sc.Scan(); {
			checkGoEncoding(t, sc.Text(), &encodings)
		}
		f.Close()
	}
	if encodings < 10000 {
		t.Errorf("only %d encodings found in %s", encodings, dir)
	}
}

func checkGoEncoding(t *testing.T, line string, encodings *int) {
	text, comment, found := strings.Cut(strings.TrimSpace(line), "//")
	if !found || text == "" || strings.HasPrefix(text, "TEXT") {
		return
	}
	for alternative := range strings.SplitSeq(strings.TrimSpace(comment), " or ") {
		code, err := hex.DecodeString(strings.TrimSpace(alternative))
		if err != nil || len(code) == 0 {
			return
		}
		*encodings++
		in, err := decode.Decode(append(code, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc), 0)
		name, _, _ := strings.Cut(text, " ")
		switch {
		case err != nil && refusedByName(name):
		case name == "UD1": // listed without the ModRM byte that processors read
		case err != nil:
			t.Errorf("%s: %v", line, err)
		case int(in.Len) != len(code):
			t.Errorf("%s: length %d as %s", line, in.Len, in.String())
		}
	}
}

// refusedByName knows what is refused on purpose.
func refusedByName(name string) bool {
	switch name {
	case "VMOVLPD", "VMOVHPD", // EVEX with 256 and 512 bits, which the manuals do not give
		"VMOVQ",                                                                // EVEX with a bit set that APX uses
		"LEAVEQ",                                                               // with a 66 prefix
		"LSSW", "LSSL", "LSSQ", "LFSW", "LFSL", "LFSQ", "LGSW", "LGSL", "LGSQ", // far pointers
		"SYSRET", "SYSEXIT", "SYSEXIT64", "SYSENTER", "SYSENTER64", "RSM", "IRETW", "IRETL", "IRETQ":
		return true
	}
	for _, family := range []string{"V4F", "VP4DPWSSD", "VGATHERPF", "VSCATTERPF"} { // Knights Landing and Mill only
		if strings.HasPrefix(name, family) {
			return true
		}
	}
	return false
}
