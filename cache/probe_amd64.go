package cache

import "github.com/roofline-go/roofline/internal/cpu"

type probeFunc = func(a, b, c *byte, n, passes int)

// forms lists the assembly: SSE, AVX2 and AVX-512 versions of each.
var forms = []struct {
	op, form string
	past     bool
	run      [3]probeFunc
}{
	{"load", "256", false, [3]probeFunc{probeLoad256SSE, probeLoad256AVX2, probeLoad256AVX512}},
	{"load", "1024", false, [3]probeFunc{probeLoad1024SSE, probeLoad1024AVX2, probeLoad1024AVX512}},
	{"load", "s4", false, [3]probeFunc{probeLoadS4256SSE, probeLoadS4256AVX2, probeLoadS4256AVX512}},
	{"store", "256", false, [3]probeFunc{probeStore256SSE, probeStore256AVX2, probeStore256AVX512}},
	{"store", "1024", false, [3]probeFunc{probeStore1024SSE, probeStore1024AVX2, probeStore1024AVX512}},
	{"store", "w256", false, [3]probeFunc{probeStoreW256SSE, probeStoreW256AVX2, probeStoreW256AVX512}},
	{"copy", "256", false, [3]probeFunc{probeCopy256SSE, probeCopy256AVX2, probeCopy256AVX512}},
	{"copy", "1024", false, [3]probeFunc{probeCopy1024SSE, probeCopy1024AVX2, probeCopy1024AVX512}},
	{"copy", "w256", false, [3]probeFunc{probeCopyW256SSE, probeCopyW256AVX2, probeCopyW256AVX512}},
	{"copy", "nt256", true, [3]probeFunc{probeCopyNT256SSE, probeCopyNT256AVX2, probeCopyNT256AVX512}},
	{"copy", "nt1024", true, [3]probeFunc{probeCopyNT1024SSE, probeCopyNT1024AVX2, probeCopyNT1024AVX512}},
	{"triad", "256", false, [3]probeFunc{probeTriad256SSE, probeTriad256AVX2, probeTriad256AVX512}},
	{"triad", "1024", false, [3]probeFunc{probeTriad1024SSE, probeTriad1024AVX2, probeTriad1024AVX512}},
	{"triad", "w256", false, [3]probeFunc{probeTriadW256SSE, probeTriadW256AVX2, probeTriadW256AVX512}},
	{"triad", "nt256", true, [3]probeFunc{probeTriadNT256SSE, probeTriadNT256AVX2, probeTriadNT256AVX512}},
	{"triad", "nt1024", true, [3]probeFunc{probeTriadNT1024SSE, probeTriadNT1024AVX2, probeTriadNT1024AVX512}},
	{"ntstore", "nt256", true, [3]probeFunc{probeStoreNT256SSE, probeStoreNT256AVX2, probeStoreNT256AVX512}},
	{"ntstore", "nt1024", true, [3]probeFunc{probeStoreNT1024SSE, probeStoreNT1024AVX2, probeStoreNT1024AVX512}},
}

var assembly = probes()

func probes() (out []Probe) {
	isas := []cpu.ISA{cpu.SSE, cpu.AVX2, cpu.AVX512}
	for i := len(isas) - 1; i >= 0; i-- {
		for _, f := range forms {
			out = append(out, Probe{Op: f.op, Form: string(isas[i]) + " " + f.form, ISA: isas[i], Past: f.past, run: f.run[i]})
		}
	}
	return out
}
