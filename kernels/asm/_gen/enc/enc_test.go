package enc

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/mmcloughlin/avo/reg"
)

// rows lists every instruction at least once, with low and high registers. The hex comes from GNU as 2.40.
var rows = []struct {
	inst Inst
	text string
	hex  string
}{
	{LdTileCfg(Mem{Base: RAX}), "ldtilecfg (%rax)", "c4e2784900"},
	{LdTileCfg(Mem{Base: R13}), "ldtilecfg (%r13)", "c4c278494500"},
	{LdTileCfg(Mem{Base: RSP, Disp: 192}), "ldtilecfg 192(%rsp)", "c4e278498424c0000000"},
	{StTileCfg(Mem{Base: RDI, Disp: -64}), "sttilecfg -64(%rdi)", "c4e2794947c0"},
	{TileRelease(), "tilerelease", "c4e27849c0"},
	{TileZero(0), "tilezero %tmm0", "c4e27b49c0"},
	{TileZero(5), "tilezero %tmm5", "c4e27b49e8"},
	{TileLoad(Mem{Base: RSI, Index: R8, Scale: 1}, 4), "tileloadd (%rsi,%r8,1),%tmm4", "c4a27b4b2406"},
	{TileLoad(Mem{Base: R12, Index: RDX, Scale: 4, Disp: 1024}, 7), "tileloadd 1024(%r12,%rdx,4),%tmm7", "c4c27b4bbc9400040000"},
	{TileLoadT1(Mem{Base: RBP, Index: R15, Scale: 2}, 6), "tileloaddt1 (%rbp,%r15,2),%tmm6", "c4a2794b747d00"},
	{TileStore(0, Mem{Base: RAX, Index: R10, Scale: 1}), "tilestored %tmm0,(%rax,%r10,1)", "c4a27a4b0410"},
	{TileStore(3, Mem{Base: R9, Index: RCX, Scale: 8, Disp: 64}), "tilestored %tmm3,64(%r9,%rcx,8)", "c4c27a4b5cc940"},
	{TDPBF16PS(6, 4, 0), "tdpbf16ps %tmm6,%tmm4,%tmm0", "c4e24a5cc4"},
	{TDPBF16PS(7, 5, 3), "tdpbf16ps %tmm7,%tmm5,%tmm3", "c4e2425cdd"},
	{TDPFP16PS(2, 1, 7), "tdpfp16ps %tmm2,%tmm1,%tmm7", "c4e26b5cf9"},
	{TDPBSSD(6, 4, 0), "tdpbssd %tmm6,%tmm4,%tmm0", "c4e24b5ec4"},
	{TDPBSUD(0, 7, 5), "tdpbsud %tmm0,%tmm7,%tmm5", "c4e27a5eef"},
	{TDPBUSD(1, 2, 3), "tdpbusd %tmm1,%tmm2,%tmm3", "c4e2715eda"},
	{TDPBUUD(3, 2, 1), "tdpbuud %tmm3,%tmm2,%tmm1", "c4e2605eca"},
	{VADDPH(Z1, Z2, Z3), "vaddph %zmm1,%zmm2,%zmm3", "62f56c4858d9"},
	{VADDPH(Z17, Z26, Z31), "vaddph %zmm17,%zmm26,%zmm31", "62252c4058f9"},
	{VSUBPH(Z9, Z0, Z16), "vsubph %zmm9,%zmm0,%zmm16", "62c57c485cc1"},
	{VMULPH(Z8, Z15, Z23), "vmulph %zmm8,%zmm15,%zmm23", "62c5044859f8"},
	{VFMADD213PH(Z30, Z7, Z12), "vfmadd213ph %zmm30,%zmm7,%zmm12", "62164548a8e6"},
	{VFMADD231PH(Z31, Z30, Z0), "vfmadd231ph %zmm31,%zmm30,%zmm0", "62960d40b8c7"},
	{VDPBF16PS(Z0, Z1, Z2), "vdpbf16ps %zmm0,%zmm1,%zmm2", "62f2764852d0"},
	{VDPBF16PS(Z25, Z18, Z11), "vdpbf16ps %zmm25,%zmm18,%zmm11", "62126e4052d9"},
	{VDPBF16PS(Y0, Y1, Y2), "vdpbf16ps %ymm0,%ymm1,%ymm2", "62f2762852d0"},
	{VDPBF16PS(Y25, Y18, Y11), "vdpbf16ps %ymm25,%ymm18,%ymm11", "62126e2052d9"},
	{VDPBF16PSBroadcast(Mem{Base: RDI, Disp: 8}, Z1, Z2), "vdpbf16ps 8(%rdi){1to16},%zmm1,%zmm2", "62f27658525702"},
	{VDPBF16PSBroadcast(Mem{Base: RDI, Disp: 8}, Y1, Y2), "vdpbf16ps 8(%rdi){1to8},%ymm1,%ymm2", "62f27638525702"},
	{VDPBF16PSBroadcast(Mem{Base: R13}, Z31, Z16), "vdpbf16ps (%r13){1to16},%zmm31,%zmm16", "62c20650524500"},
	{VDPBF16PSBroadcast(Mem{Base: R9, Index: R12, Scale: 2, Disp: 12}, Z18, Z11), "vdpbf16ps 12(%r9,%r12,2){1to16},%zmm18,%zmm11", "62126e50525c6103"},
	{VDPBF16PSBroadcast(Mem{Base: RSI, Index: RAX, Scale: 1, Disp: 1024}, Z0, Z8), "vdpbf16ps 1024(%rsi,%rax,1){1to16},%zmm0,%zmm8", "62727e5852840600040000"},
	{VCVTNE2PS2BF16(Z4, Z20, Z9), "vcvtne2ps2bf16 %zmm4,%zmm20,%zmm9", "62725f4072cc"},
	{VCVTNEPS2BF16(Z19, Y10), "vcvtneps2bf16 %zmm19,%ymm10", "62327e4872d3"},
	{VCVTPH2PSX(Y21, Z6), "vcvtph2psx %ymm21,%zmm6", "62b67d4813f5"},
	{PrefetchW(Mem{Base: RDI, Disp: 1024}), "prefetchw 1024(%rdi)", "0f0d8f00040000"},
	{PrefetchW(Mem{Base: R8, Index: R9, Scale: 1, Disp: 64}), "prefetchw 64(%r8,%r9,1)", "430f0d4c0840"},
}

func TestEncoding(t *testing.T) {
	for _, r := range rows {
		if r.inst.Text != r.text {
			t.Errorf("text is %q, want %q", r.inst.Text, r.text)
		}
		if got := hex.EncodeToString(r.inst.Bytes); got != r.hex {
			t.Errorf("%s: encoded as %s, want %s", r.text, got, r.hex)
		}
	}
}

// TestAgainstAssembler lets the GNU assembler encode the texts, so that the table itself is checked.
func TestAgainstAssembler(t *testing.T) {
	for _, tool := range []string{"as", "objcopy"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("ROOFLINE_MUST_RUN") != "" {
				t.Fatal(err)
			}
			t.Skipf("needs GNU binutils: %v", err)
		}
	}
	dir := t.TempDir()
	obj, raw := filepath.Join(dir, "a.o"), filepath.Join(dir, "a.bin")
	var source, want bytes.Buffer
	for _, r := range rows {
		source.WriteString(r.text + "\n")
		want.Write(r.inst.Bytes)
	}
	as := exec.Command("as", "--64", "-o", obj, "-")
	as.Stdin = &source
	if out, err := as.CombinedOutput(); err != nil {
		t.Fatalf("as: %v\n%s", err, out)
	}
	if out, err := exec.Command("objcopy", "-O", "binary", "-j", ".text", obj, raw).CombinedOutput(); err != nil {
		t.Fatalf("objcopy: %v\n%s", err, out)
	}
	got, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("the assembler disagrees:\nas:  %x\nenc: %x", got, want.Bytes())
	}
}

func TestDirectives(t *testing.T) {
	opcode, rest := TileLoad(Mem{Base: RSI, Index: R8, Scale: 1}, 4).directives()
	if got, want := opcode+" "+rest, "LONG $0x4b7ba2c4; WORD $0x0624 // tileloadd (%rsi,%r8,1),%tmm4"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// Whatever the length, the directives must give the bytes back, little end first.
	value := regexp.MustCompile(`\$0x([0-9a-f]+)`)
	for _, r := range rows {
		opcode, rest := r.inst.directives()
		code, _, _ := strings.Cut(opcode+" "+rest, "//")
		var back []byte
		for _, m := range value.FindAllStringSubmatch(code, -1) {
			b, err := hex.DecodeString(m[1])
			if err != nil {
				t.Fatal(err)
			}
			for i := len(b) - 1; i >= 0; i-- {
				back = append(back, b[i])
			}
		}
		if !bytes.Equal(back, r.inst.Bytes) {
			t.Errorf("%s: directives %s give %x", r.text, code, back)
		}
	}
}

func TestRefuses(t *testing.T) {
	for name, encode := range map[string]func(){
		"tile 8":            func() { TileZero(8) },
		"tile -1":           func() { TDPBSSD(0, -1, 0) },
		"32-bit base":       func() { LdTileCfg(Mem{Base: EAX}) },
		"SP as index":       func() { TileLoad(Mem{Base: RAX, Index: RSP, Scale: 1}, 0) },
		"256-bit for 512":   func() { VADDPH(Y0, Z0, Z0) },
		"512-bit for 256":   func() { VCVTPH2PSX(Z0, Z0) },
		"no base register":  func() { PrefetchW(Mem{}) },
		"vector with no Zn": func() { VDPBF16PS(X0, X0, X0) },
	} {
		func() {
			defer func() {
				if e := recover(); e == nil {
					t.Errorf("%s: not refused", name)
				} else if _, ours := e.(string); !ours {
					t.Errorf("%s: refused by %v, not by a message", name, e)
				}
			}()
			encode()
		}()
	}
}
