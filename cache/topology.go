package cache

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/cpu"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/internal/workers"
)

// Topology returns the data and unified caches of the CPU on which a single worker runs, a fast one where cores differ,
// innermost first: from sysfs, or from CPUID where sysfs has none. Where sysfs has none, and CPUID less than three levels, those beyond are
// measured: that takes the first process on a machine a second, others read it from the user's cache directory. The error says that there
// are no levels to be known. TopologyNotes says whether sysfs and CPUID agree.
func Topology() ([]Level, error) {
	on, err := workers.CPUs(1)
	if err != nil {
		return nil, fmt.Errorf("read caches: %w", err)
	}
	levels, err := topology(os.DirFS("/sys"), on[0], namedWitness)
	if complete(levels) {
		return levels, nil
	}
	curve, failed := measuredCurve(on[0])
	if failed != nil {
		return levels, err
	}
	cpus, _ := cpu.Affinity()
	if levels = addMeasured(levels, curve, cpu.FormatList(cpus)); len(levels) > 0 {
		err = nil
	}
	return levels, err
}

// complete reports whether levels are all there are, as far as can be known: the kernel is taken at its word.
func complete(levels []Level) bool {
	return len(levels) >= enough || len(levels) > 0 && levels[0].Source == Sysfs
}

func topology(sys fs.FS, on int, witness func(on int) []Level) ([]Level, error) {
	levels, err := fromSysfs(sys, on)
	if err == nil {
		return from(Sysfs, levels), nil
	}
	if levels := witness(on); len(levels) > 0 {
		return from(CPUID, levels), nil
	}
	return nil, fmt.Errorf("read caches: neither sysfs nor the processor describes them: %w", err)
}

func from(source Source, levels []Level) []Level {
	for i := range levels {
		levels[i].Source = source
	}
	return levels
}

// witness asks a processor itself; where the thread cannot be moved there, the one on which it happens to run.
func witness(on int) (levels []Level) {
	ask := func() { levels = fromCPUID(cpu.CPUID) }
	if !onCPU(on, ask) {
		ask()
	}
	return levels
}

// namedWitness is witness with the CPUs that share each cache, where the processor says how many do. The thread visits every CPU to
// ask for its number.
func namedWitness(on int) []Level {
	levels := witness(on)
	cpus, err := cpu.Affinity()
	if err != nil || len(levels) == 0 {
		return levels
	}
	ids := map[int]uint32{}
	for _, c := range cpus {
		known := false
		if onCPU(c, func() { ids[c], known = apicID(cpu.CPUID) }); !known {
			return levels
		}
	}
	onCPU(on, func() { nameSharers(levels, cpu.CPUID, ids, on) })
	return levels
}

// onCPU calls f on a CPU. Where the thread cannot be moved there it does not.
func onCPU(on int, f func()) (moved bool) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	unpin, err := cpu.Pin(on)
	if err != nil {
		return false
	}
	defer func() { _ = unpin() }()
	f()
	return true
}

// TopologyNotes returns a sentence for each point where sysfs, which Topology follows, and CPUID disagree, none where
// there is only one witness; and one if both tell what a hypervisor made up.
func TopologyNotes() []string {
	on, err := workers.CPUs(1)
	if err != nil {
		return nil
	}
	levels, err := fromSysfs(os.DirFS("/sys"), on[0])
	if err != nil {
		return nil
	}
	notes := disagreements(levels, witness(on[0]))
	if Invented(levels, cpu.Hypervisor()) {
		notes = append(notes, "these are the caches that QEMU describes whatever its host has: kernels take those that such a processor has at least; "+
			"QEMU describes the host's with -cpu host,host-cache-info=on")
	}
	return notes
}

func disagreements(sysfs, cpuid []Level) (notes []string) {
	if len(sysfs) == 0 || len(cpuid) == 0 {
		return nil
	}
	at := func(levels []Level, level int) int {
		return slices.IndexFunc(levels, func(l Level) bool { return l.Level == level })
	}
	for _, s := range sysfs {
		i := at(cpuid, s.Level)
		if i < 0 {
			notes = append(notes, fmt.Sprintf("the kernel reports an L%d cache, CPUID none", s.Level))
			continue
		}
		c := cpuid[i]
		if s.Bytes != c.Bytes {
			notes = append(notes, fmt.Sprintf("L%d has %s according to the kernel, %s according to CPUID",
				s.Level, units.Bytes(s.Bytes), units.Bytes(c.Bytes)))
		}
		if s.Ways != c.Ways && s.Ways > 0 {
			notes = append(notes, fmt.Sprintf("L%d has %d ways according to the kernel, %d according to CPUID", s.Level, s.Ways, c.Ways))
		}
		if s.Line != c.Line {
			notes = append(notes, fmt.Sprintf("L%d has lines of %d B according to the kernel, %d B according to CPUID", s.Level, s.Line, c.Line))
		}
	}
	for _, c := range cpuid {
		if at(sysfs, c.Level) < 0 {
			notes = append(notes, fmt.Sprintf("CPUID reports an L%d cache, the kernel none", c.Level))
		}
	}
	return notes
}

// fromSysfs reads /sys/devices/system/cpu/cpuN/cache/index*.
func fromSysfs(sys fs.FS, cpu int) ([]Level, error) {
	base := "devices/system/cpu/cpu" + strconv.Itoa(cpu) + "/cache"
	dirs, err := fs.Glob(sys, base+"/index[0-9]*")
	if err != nil {
		return nil, err
	}
	if len(dirs) == 0 {
		return nil, fmt.Errorf("read %s: no caches there", base)
	}
	var levels []Level
	for _, dir := range dirs {
		l, err := index(sys, dir)
		if err != nil {
			return nil, err
		}
		if l.Type == "data" || l.Type == "unified" {
			levels = append(levels, l)
		}
	}
	if len(levels) == 0 {
		return nil, fmt.Errorf("read %s: no data cache there", base)
	}
	slices.SortFunc(levels, func(a, b Level) int { return a.Level - b.Level })
	return levels, nil
}

// index reads one cache. Size, level and type must be there; ways (then 0) and line (then taken as 64) may be
// missing in virtual machines.
func index(sys fs.FS, dir string) (Level, error) {
	read := func(name string) string {
		text, err := fs.ReadFile(sys, path.Join(dir, name))
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(text))
	}
	l := Level{Type: strings.ToLower(read("type")), Shared: read("shared_cpu_list")}
	var err error
	if l.Level, err = strconv.Atoi(read("level")); err != nil || l.Level < 1 {
		return l, fmt.Errorf("read %s/level: %q is not a cache level", dir, read("level"))
	}
	if l.Bytes, err = units.ParseBytes(read("size")); err != nil || l.Bytes < 1 {
		return l, fmt.Errorf("read %s/size: %q is not a size", dir, read("size"))
	}
	if l.Ways, err = strconv.Atoi(read("ways_of_associativity")); err != nil || l.Ways < 0 {
		l.Ways = 0
	}
	if l.Line, err = strconv.Atoi(read("coherency_line_size")); err != nil || l.Line < 1 {
		l.Line = 64
	}
	return l, nil
}

// Sharers is how many logical CPUs share the cache; 1 where unknown.
func (l Level) Sharers() int {
	cpus, err := cpu.ParseList(l.Shared)
	if err != nil {
		return 1
	}
	return max(len(cpus), 1)
}
