package scenario

import (
	"fmt"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

const usualFlags = "fma avx avx2"

var avx512 = usualFlags + " avx512f avx512dq avx512bw avx512vl"

// flags beyond the usual ones, as far as anything looks at them.
var flags = map[string]string{
	"skylakex": avx512, "cascadelakex": avx512 + " avx512_vnni", "icelake": avx512 + " avx512_vnni", "icelakex": avx512 + " avx512_vnni",
	"tigerlake": avx512 + " avx512_vnni", "rocketlake": avx512 + " avx512_vnni",
	"zen4": avx512 + " avx512_vnni avx512_bf16", "zen5": avx512 + " avx512_vnni avx512_bf16",
	"sapphirerapids": avx512 + " avx512_vnni avx512_fp16 avx512_bf16 amx_bf16 amx_tile amx_int8",
	"emeraldrapids":  avx512 + " avx512_vnni avx512_fp16 avx512_bf16 amx_bf16 amx_tile amx_int8",
	"graniterapids":  avx512 + " avx512_vnni avx512_fp16 avx512_bf16 amx_bf16 amx_tile amx_int8 amx_fp16",
}

// Features are the processor's flags in cpuinfo, beyond the oldest.
func (u *Uarch) Features() string {
	if more, ok := flags[u.Key]; ok {
		return more
	}
	return usualFlags
}

// cpuinfo is the scenario's /proc/cpuinfo.
func (u *Uarch) cpuinfo(o Options) string {
	var b strings.Builder
	for cpu := range o.CPUs {
		if u.Vendor == "arm" {
			u.writeArm(&b, cpu)
		} else {
			u.writeX86(&b, cpu, o)
		}
	}
	return b.String()
}

func (u *Uarch) writeArm(b *strings.Builder, cpu int) {
	features := "fp asimd"
	if u.SVEBits > 0 {
		features += " sve"
	}
	fmt.Fprintf(b, "processor\t: %d\nBogoMIPS\t: 243.75\nFeatures\t: %s\nCPU implementer\t: 0x41\nCPU architecture: 8\n"+
		"CPU variant\t: 0x1\nCPU part\t: %s\nCPU revision\t: 1\n\n", cpu, features, u.Part)
}

func (u *Uarch) writeX86(b *strings.Builder, cpu int, o Options) {
	id := strings.Split(u.CPUID, "-")
	hex := func(text string) uint64 { n, _ := strconv.ParseUint(text, 16, 64); return n }
	fmt.Fprintf(b, "processor\t: %d\nvendor_id\t: %s\ncpu family\t: %s\nmodel\t\t: %d\nmodel name\t: %s (scenario)\nstepping\t: %d\n"+
		"microcode\t: 0x1\ncpu MHz\t\t: 2000.000\ncache size\t: 32768 KB\nphysical id\t: %d\nsiblings\t: %d\ncore id\t\t: %d\ncpu cores\t: %d\n"+
		"flags\t\t: fpu sse sse2 %s\ncache_alignment\t: 64\naddress sizes\t: 46 bits physical, 57 bits virtual\n\n",
		cpu, id[0], id[1], hex(id[2]), u.Name, hex(id[3]),
		cpu/max(1, o.CPUs/max(o.Packages, 1)), o.CPUs, cpu, o.CPUs, u.Features())
}
