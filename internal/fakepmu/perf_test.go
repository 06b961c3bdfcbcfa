//go:build linux && (amd64 || arm64)

package main

import (
	"os/exec"
	"regexp"
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

// TestPerfStat plays scenarios for perf(1), which knows nothing of this project.
func TestPerfStat(t *testing.T) {
	needFakepmu(t)
	if _, err := exec.LookPath("perf"); err != nil {
		testkit.SkipUnsupported(t, testkit.MissingTool("perf"))
	}
	const twelve = "cpu/config=0x40c7/,cpu/config=0x20c7/,cpu/config=0x151/,cpu/config=0x2c7/,cpu/config=0x4c7/,cpu/config=0x8c7/," +
		"cpu/config=0x10c7/,cpu/config=0x80c7/,cpu/config=0x1f25/,cpu/config=0x412e/,cpu/config=0x8d1/,cpu/config=0x10d1/"
	const nine = "{cpu/config=0x40c7/,cpu/config=0x20c7/,cpu/config=0x151/,cpu/config=0x2c7/,cpu/config=0x4c7/,cpu/config=0x8c7/," +
		"cpu/config=0x10c7/,cpu/config=0x80c7/,cpu/config=0x1f25/}"
	const spr = "sapphirerapids inst.retired=1e10 cycles.core=5e9 flops.dp.512=1e9 flops.sp.256=2e8 l1d.fill=3e7 dram.rd=4e6 --imc 4"
	tests := []struct {
		name, scenario string
		argv           []string
		want           []string // regular expressions
	}{
		{"generic and raw events", spr, []string{"-e", "instructions,cycles,cpu/config=0x40c7/", "true"},
			[]string{`^10000000000,,instructions`, `^1000000000,,cpu/config=0x40c7/`}},
		{"group", spr, []string{"-e", "{instructions,cycles,cpu/config=0x40c7/,cpu/config=0x20c7/}", "true"}, []string{`^200000000,,cpu/config=0x20c7/`}},
		{"uncore value divided over instances", spr, []string{"-a", "-e", "uncore_imc_3/cas_count_read/", "true"}, []string{`^(61\.04,MiB|1000000,),uncore_imc_3`}},
		{"twelve events on eight counters", spr, []string{"-e", twelve, "sleep", "0.05"},
			[]string{`^(99999\d{4}|100000\d{4}),,cpu/config=0x40c7/,\d+,6[67]`}},
		{"group larger than the PMU", spr, []string{"-e", nine, "true"}, []string{`not (supported|counted)`}},
		{"system-wide without permission", "sapphirerapids inst.retired=1e10 --unprivileged --paranoid 2", []string{"-a", "-e", "instructions", "true"},
			[]string{`Access to performance monitoring`}},
		{"errors by rule", "sapphirerapids inst.retired=1e10 --unprivileged --error cpu:0x4c7:EINVAL --unknown ENOENT",
			[]string{"-e", "instructions:u,cpu/config=0x4c7/u,cpu/config=0x777/u", "true"},
			[]string{`^<not supported>,,cpu/config=0x4c7/u`, `^<not supported>,,cpu/config=0x777/u`, `^10000000000,,instructions:u`}},
		{"too many open files", "sapphirerapids inst.retired=1e10 --emfile-after 2", []string{"-e", "instructions,cycles,branches", "true"}, []string{`Too many events are opened`}},
		{"AMD's events of two counters", "zen4 flops.all=4e9 dram.rd=1200 --imc 12",
			[]string{"-e", "cpu/config=0x1f03/,cpu/config=0x103/,cpu/config=0x203/,cpu/config=0x803/", "sleep", "0.05"},
			[]string{`^(39999\d{5}|40000\d{5}),,cpu/config=0x1f03/,\d+,7[45]`}},
		{"memory channel of AMD", "zen4 dram.rd=1200 --imc 12", []string{"-a", "-e", "amd_umc_11/event=0x0a,rdwrmask=1/", "true"}, []string{`^100,,amd_umc_11`}},
		{"both core types", "alderlake cpu_core:inst.retired=3e9 cpu_atom:inst.retired=1e9", []string{"-e", "cpu_core/event=0xc0/,cpu_atom/event=0xc0/", "true"},
			[]string{`^3000000000,,cpu_core`, `^1000000000,,cpu_atom`}},
		{"energy", "sapphirerapids energy.pkg=8589934592", []string{"-a", "-e", "power/energy-pkg/", "true"}, []string{`^2\.00,Joules,power/energy-pkg/`}},
		{"two sockets", "sapphirerapids dram.rd=4e6 --packages 2 --cpus 2", []string{"-a", "--no-aggr", "-e", "uncore_imc_0/event=0x05,umask=0xcf/", "true"},
			[]string{`^CPU0,1000000,`, `^CPU1,1000000,`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := makeDir(t, test.scenario)
			needCores(t, dir)
			out, _ := play(dir, "", append([]string{"perf", "stat", "-x,"}, test.argv...)...)
			for _, want := range test.want {
				if !regexp.MustCompile(`(?m)` + want).MatchString(out) {
					t.Errorf("no match for %s in\n%s", want, out)
				}
			}
		})
	}
}

func TestFilesOfTheScenario(t *testing.T) {
	needFakepmu(t)
	dir := makeDir(t, "skylakex --paranoid 3 --nmi-watchdog --smt-off")
	out, code := play(dir, "", "grep", "-H", "", "/proc/cpuinfo", "/proc/sys/kernel/perf_event_paranoid", "/proc/sys/kernel/nmi_watchdog",
		"/sys/devices/system/cpu/smt/active", "/sys/bus/event_source/devices/power/events/energy-pkg.scale")
	for _, want := range []string{`cpuinfo:model\s*: 85$`, `paranoid:3$`, `watchdog:1$`, `active:0$`, `scale:2.32`} {
		if !regexp.MustCompile(`(?m)` + want).MatchString(out) {
			t.Errorf("no match for %s in (exit code %d)\n%s", want, code, out)
		}
	}
	if out, code := play(dir, "", "sh", "-c", "exit 7"); code != 7 {
		t.Errorf("the program's exit code 7 became %d: %s", code, out)
	}
	if out, code := play(dir, "", "sh", "-c", "kill -TERM $$"); code != 128+15 {
		t.Errorf("the program's death by SIGTERM became %d: %s", code, out)
	}
}
