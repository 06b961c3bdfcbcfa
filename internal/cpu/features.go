package cpu

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// group is the definition of one ISA: the features it needs, by their /proc/cpuinfo names.
type group struct {
	isa      ISA
	features []string
}

var avx512 = []string{"avx", "avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"}

var groups = []group{
	{SSE, []string{"sse2"}},
	{AVX2, []string{"avx", "avx2", "fma"}},
	{AVX512, avx512},
	{AVX512FP16, with(avx512, "avx512_fp16")},
	{AVX512BF16, with(avx512, "avx512_bf16")},
	{AVX512VNNI, with(avx512, "avx512_vnni")},
	{AMXBF16, with(avx512, "avx512_bf16", "avx512vbmi", "amx_tile", "amx_bf16")}, // no processor has AMX without AVX512-BF16, -VBMI and -VNNI
	{AMXINT8, with(avx512, "avx512_vnni", "amx_tile", "amx_int8")},
}

func with(base []string, more ...string) []string { return slices.Concat(base, more) }

// Features returns the /proc/cpuinfo names of the features that isa stands for.
func (isa ISA) Features() []string {
	for _, g := range groups {
		if g.isa == isa {
			return slices.Clone(g.features)
		}
	}
	return nil
}

// UnavailableError says that an instruction set cannot be used here, and why.
type UnavailableError struct {
	ISA     ISA
	Missing []string // the features that cannot be used, /proc/cpuinfo names; empty when the user's cap is the cause
	Cause   string
}

// Error names the instruction set and the cause.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("%s is not available here: %s", e.ISA, e.Cause)
}

// Unsupported returns the name of what is missing, for tests that skip.
func (e *UnavailableError) Unsupported() string { return string(e.ISA) }

// Is makes errors.Is(err, errors.ErrUnsupported) true.
func (e *UnavailableError) Is(target error) bool { return target == errors.ErrUnsupported }

// check judges one instruction set.
func (r *raw) check(isa ISA) error {
	if isa == Go {
		return nil
	}
	i := slices.IndexFunc(groups, func(g group) bool { return g.isa == isa })
	if i < 0 {
		return &UnavailableError{ISA: isa, Cause: "no such instruction set"}
	}
	needs := groups[i].features
	if r.arch != "amd64" {
		return &UnavailableError{ISA: isa, Missing: slices.Clone(needs), Cause: "the architecture is " + r.arch + ", it needs amd64"}
	}
	var lacking [refused + 1][]string // by answer
	for _, name := range needs {
		a := r.feature(name)
		lacking[a] = append(lacking[a], name)
	}
	unavailable := func(a answer, format string, more ...any) error {
		cause := fmt.Sprintf(format, append([]any{strings.Join(lacking[a], ", ")}, more...)...)
		return &UnavailableError{isa, lacking[a], cause}
	}
	switch {
	case lacking[absent] != nil:
		return unavailable(absent, "the processor lacks %s")
	case lacking[disabled] != nil:
		return unavailable(disabled, "the operating system does not save the registers of %s (XCR0 is %#x)", r.xcr0)
	case lacking[refused] != nil:
		return unavailable(refused, "the kernel refused the permission for %s: %v", r.tileErr)
	}
	return nil
}

var (
	machine = sync.OnceValue(readRaw)
	capMu   sync.RWMutex
	capped  = ISA("") // "": no cap
)

// Usable returns nil when every instruction of isa can be executed by this process, else an *UnavailableError. The first call
// asks the kernel for the permission to use AMX where the processor has it, for the whole process.
func Usable(isa ISA) error {
	if err := machine().check(isa); err != nil {
		return err
	}
	capMu.RLock()
	defer capMu.RUnlock()
	if capped != "" && !isa.Within(capped) {
		return &UnavailableError{ISA: isa, Cause: "instruction sets are capped at " + string(capped)}
	}
	return nil
}

// Has reports whether this process can execute isa, whatever the cap. It is for what depends on the processor, not on the code that is chosen.
func Has(isa ISA) bool { return machine().check(isa) == nil }

// PermitTiles asks the kernel, once, for the permission to use AMX where the processor has it. A process that runs code of
// others does so before: a library may leave that to the program.
func PermitTiles() { machine() }

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
