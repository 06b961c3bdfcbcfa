package decode_test

import (
	"bufio"
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/decode/objdump"
)

// sampleRow is one encoding of the stored sample, with the answers of two other decoders.
type sampleRow struct {
	code    []byte
	addr    uint64
	objdump string // GNU objdump -M intel
	iced    []string
}

// readSample reads testdata/sample.tsv.gz, which scripts/check-decoder --sample writes.
func readSample(t testing.TB) (rows []sampleRow) {
	t.Helper()
	f, err := os.Open("testdata/sample.tsv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(z)
	for sc.Scan() {
		fields := strings.Split(sc.Text(), "\t")
		code, err := hex.DecodeString(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		addr, err := strconv.ParseUint(fields[1], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, sampleRow{code: code, addr: addr, objdump: fields[2], iced: strings.Split(fields[3], ";")})
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 5000 {
		t.Fatalf("the sample holds only %d encodings", len(rows))
	}
	return rows
}

func TestAgreesWithObjdump(t *testing.T) {
	for _, row := range readSample(t) {
		l := objdump.Line{Addr: row.addr, Code: row.code, Text: row.objdump}
		if r := objdump.Compare(l, make([]byte, 15)); r.Verdict != objdump.Same {
			t.Errorf("% x: %v: objdump %q, here %q", row.code, r.Verdict, row.objdump, r.Ours)
		}
	}
}

func flagsOf(letters string) (f decode.Flags) {
	for _, c := range letters {
		f |= map[rune]decode.Flags{'c': decode.CF, 'p': decode.PF, 'a': decode.AF, 'z': decode.ZF, 's': decode.SF, 'o': decode.OF, 'd': decode.DF}[c]
	}
	return f
}

// resultLanes are the instructions whose masked lanes are wider or narrower than the elements of their sources: lanes are those of
// the result, elements (iced) those of the source.
var resultLanes = []string{"vpmuludq", "vpmuldq", "vpmaddwd", "vpmaddubsw", "vpdp", "vpack", "vpmultishiftqb", "vdbpsadbw", "vcvtne2ps2bf16",
	"vfmulcsh", "vfcmulcsh", "vfmaddcsh", "vfcmaddcsh"}

// TestElementsAgreeWithIced compares the sizes of vector memory operands and of their elements, from which the lanes of a mask follow.
func TestElementsAgreeWithIced(t *testing.T) {
	compared := 0
	for _, row := range readSample(t) {
		in, err := decode.Decode(row.code, row.addr)
		if err != nil || in.Enc != decode.EVEX || !in.HasMem || in.Mem.Access == decode.NoAccess || in.Lanes == 0 {
			continue
		}
		element := strconv.Itoa(int(in.Mem.ElemSize))
		if in.Mem.VSIB != 0 { // iced gives the size of one access
			if row.iced[12] != element || int(in.Mem.Size) != int(in.Lanes)*int(in.Mem.ElemSize) {
				t.Errorf("% x %s: %d lanes, element %s, iced %s", row.code, in.String(), in.Lanes, element, row.iced[12])
			}
			continue
		}
		if theirs := row.iced[11]; theirs != strconv.Itoa(int(in.Mem.Size)) {
			t.Errorf("% x %s: size here %d, iced %s", row.code, in.String(), in.Mem.Size, theirs)
		}
		if slices.ContainsFunc(resultLanes, func(p string) bool { return strings.HasPrefix(in.Mnemonic.String(), p) }) {
			continue
		}
		if theirs := row.iced[12]; theirs != element {
			t.Errorf("% x %s: element here %s, iced %s", row.code, in.String(), element, theirs)
		}
		compared++
	}
	if compared < 1000 {
		t.Errorf("compared only %d memory operands", compared)
	}
}

// TestAgreesWithIced compares what objdump does not print: flags, registers read and written, and which memory is read or written.
func TestAgreesWithIced(t *testing.T) {
	for _, row := range readSample(t) {
		in, err := decode.Decode(row.code, row.addr)
		if err != nil {
			t.Errorf("% x: %v", row.code, err)
			continue
		}
		set := func(i int) uint64 {
			v, err := strconv.ParseUint(row.iced[i], 16, 64)
			if err != nil {
				t.Fatalf("% x: iced %q: %v", row.code, row.iced, err)
			}
			return v
		}
		differs := func(what string, ours, theirs any) {
			if ours != theirs {
				t.Errorf("% x %s: %s: here %v, iced %v", row.code, in.String(), what, ours, theirs)
			}
		}
		if strconv.Itoa(int(in.Len)) != row.iced[0] {
			differs("length", in.Len, row.iced[0])
			continue
		}
		differs("flags read", in.FlagsRead&^decode.FlagOther, flagsOf(row.iced[1]))
		differs("flags written", in.FlagsWritten&^decode.FlagOther, flagsOf(row.iced[2]))
		// Here a register counts as read, too, unless it is overwritten wholly and certainly.
		if in.Control == decode.Syscall { // here with the registers that Linux takes arguments from
			continue
		}
		read, written, killed := set(3), set(4), set(5)
		if in.Attr&decode.ShadowStack != 0 { // rdssp leaves its register where shadow stacks are off
			read |= written
		}
		differs("GPRs written", uint64(in.GPRWritten), written)
		differs("GPRs read", uint64(in.GPRRead), read|written&^killed)
		differs("vectors written", uint64(in.VecWritten), set(7))
		vectorsRead := set(6)
		if in.Enc == decode.Legacy { // SSE keeps what is above 128 bits, which iced does not count
			vectorsRead |= set(7)
		}
		differs("vectors read", uint64(in.VecRead), vectorsRead)
		differs("masks read", uint64(in.KRead), set(8))
		differs("masks written", uint64(in.KWritten), set(9))
		switch name := in.Mnemonic.String(); {
		case in.Attr&decode.TileMemory != 0: // iced leaves the stride register of a tile out
		case strings.HasPrefix(name, "clflush") || name == "clwb" || name == "umonitor": // loads for iced; no data moves
		default:
			differs("memory", memoryOf(&in), row.iced[10])
		}
	}
}

func memoryOf(in *decode.Inst) string {
	var out []string
	add := func(m *decode.MemOperand) {
		if m.Access == decode.NoAccess {
			return
		}
		part := func(n int8, vector bool) string {
			switch {
			case n == decode.NoReg:
				return "-"
			case n == decode.RIP:
				return "rip"
			case vector:
				return fmt.Sprintf("v%d", n)
			}
			return fmt.Sprint(n)
		}
		access := [...]string{"", "r", "w", "rw"}[m.Access]
		out = append(out, part(m.Base, false)+"+"+part(m.Index, m.VSIB != 0)+":"+access)
	}
	if in.HasMem {
		add(&in.Mem)
	}
	mem, n := in.Implicit()
	for i := range n {
		add(&mem[i])
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}
