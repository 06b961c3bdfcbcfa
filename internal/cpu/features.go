package cpu

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// XCR0 bits: which register state the operating system saves. Intel SDM vol. 1, section 13.1.
const (
	xcr0SSE    = 1 << 1
	xcr0AVX    = 1 << 2
	xcr0AVX512 = 7<<5 | xcr0AVX | xcr0SSE // opmask, ZMM_Hi256, Hi16_ZMM
	xcr0AMX    = 3 << 17                  // tile configuration, tile data
)

// group is the definition of one ISA: the features it needs (by their /proc/cpuinfo names), the state that the operating
// system must keep, and whether the kernel must grant a permission.
type group struct {
	isa      ISA
	features []string
	xcr0     uint64
	tiles    bool
}

var avx512 = []string{"avx", "avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"}

var groups = []group{
	{isa: SSE, features: []string{"sse2"}},
	{isa: AVX2, features: []string{"avx", "avx2", "fma"}, xcr0: xcr0SSE | xcr0AVX},
	{isa: AVX512, features: avx512, xcr0: xcr0AVX512},
	{isa: AVX512FP16, features: append(slices.Clone(avx512), "avx512_fp16"), xcr0: xcr0AVX512},
	{isa: AVX512BF16, features: append(slices.Clone(avx512), "avx512_bf16"), xcr0: xcr0AVX512},
	{isa: AVX512VNNI, features: append(slices.Clone(avx512), "avx512_vnni"), xcr0: xcr0AVX512},
	{isa: AMXBF16, features: append(slices.Clone(avx512), "amx_tile", "amx_bf16"), xcr0: xcr0AVX512 | xcr0AMX, tiles: true},
	{isa: AMXINT8, features: append(slices.Clone(avx512), "amx_tile", "amx_int8"), xcr0: xcr0AVX512 | xcr0AMX, tiles: true},
}

// Features returns the /proc/cpuinfo names of the features that isa stands for.
func (isa ISA) Features() []string {
	for _, g := range groups {
		if g.isa == isa {
			return slices.Clone(g.features)
		}
	}
	return nil
}

// raw is what the hardware and the kernel say; tests make it up.
type raw struct {
	arch     string
	features map[string]bool // CPUID alone
	xcr0     uint64          // 0 where OSXSAVE is off
	tileErr  error           // answer to the request for AMX tile data; nil: granted
}

// UnavailableError says that an instruction set cannot be used here, and why.
type UnavailableError struct {
	ISA     ISA
	Missing []string // features that are missing, /proc/cpuinfo names; empty when the cause is another
	Cause   string
}

// Error names the instruction set and the cause.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("%s is not available here: %s", e.ISA, e.Cause)
}

// Unsupported returns the name of what is missing, for tests that skip.
func (e *UnavailableError) Unsupported() string { return string(e.ISA) }

// check judges one instruction set.
func (r *raw) check(isa ISA) error {
	if isa == Go {
		return nil
	}
	i := slices.IndexFunc(groups, func(g group) bool { return g.isa == isa })
	if i < 0 {
		return &UnavailableError{ISA: isa, Cause: "no such instruction set"}
	}
	g := groups[i]
	if r.arch != "amd64" {
		return &UnavailableError{ISA: isa, Missing: g.features, Cause: "this is an " + r.arch + " processor"}
	}
	var missing []string
	for _, f := range g.features {
		if !r.features[f] {
			missing = append(missing, f)
		}
	}
	switch {
	case len(missing) > 0:
		return &UnavailableError{isa, missing, "the processor lacks " + strings.Join(missing, ", ")}
	case r.xcr0&g.xcr0 != g.xcr0:
		return &UnavailableError{isa, nil, fmt.Sprintf("the operating system does not save its registers (XCR0 is %#x, needs %#x)", r.xcr0, g.xcr0)}
	case g.tiles && r.tileErr != nil:
		return &UnavailableError{isa, nil, fmt.Sprintf("the kernel refused the permission for AMX tiles: %v", r.tileErr)}
	}
	return nil
}

var (
	machine = sync.OnceValue(readRaw)
	capMu   sync.RWMutex
	capped  = ISA("") // "": no cap
)

// Usable returns nil when every instruction of isa can be executed by this process, else an *UnavailableError. The first
// question about AMX asks the kernel for the permission, for the whole process.
func Usable(isa ISA) error {
	if err := machine().check(isa); err != nil {
		return err
	}
	capMu.RLock()
	defer capMu.RUnlock()
	if capped != "" && !isa.Within(capped) {
		return &UnavailableError{ISA: isa, Cause: "it is capped at " + string(capped)}
	}
	return nil
}

// Cap makes Usable refuse everything above isa until restore is called. It is for tests.
func Cap(isa ISA) (restore func()) {
	capMu.Lock()
	defer capMu.Unlock()
	old := capped
	capped = isa
	return func() {
		capMu.Lock()
		defer capMu.Unlock()
		capped = old
	}
}

// All lists the instruction sets from the lowest to the highest.
func All() []ISA {
	all := []ISA{Go}
	for _, g := range groups {
		all = append(all, g.isa)
	}
	return all
}

var caps = []string{"go", "avx2", "avx512", "amx"}

// AMX is the cap that allows everything.
const AMX ISA = "amx"

// rank orders instruction sets for caps: go < sse < avx2 < avx512… < amx….
func (isa ISA) rank() int {
	switch {
	case isa == Go:
		return 0
	case isa == SSE:
		return 1
	case isa == AVX2:
		return 2
	case strings.HasPrefix(string(isa), "avx512"):
		return 3
	}
	return 4
}

// Within says whether isa is not above limit. AVX-512 and its extensions are one step, as are AMX and its data types.
func (isa ISA) Within(limit ISA) bool { return isa.rank() <= limit.rank() }

// ParseCap reads the value of --isa: go, avx2, avx512 or amx.
func ParseCap(name string) (ISA, error) {
	if !slices.Contains(caps, name) {
		return "", fmt.Errorf("unknown instruction set %q; use %s", name, strings.Join(caps, ", "))
	}
	return ISA(name), nil
}
