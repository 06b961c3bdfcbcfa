package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/cache"
	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// host is the machine and what runs on it.
func host(res *roofline.Result) (list []pair) {
	add := func(name, text string) {
		if text != "" {
			list = append(list, pair{name, text})
		}
	}
	m, env := res.Machine, res.Machine.Environment
	add("Processor", m.CPU.Name)
	var isas []string
	for _, isa := range m.CPU.ISAs {
		isas = append(isas, string(isa))
	}
	add("Instruction sets", strings.Join(isas, ", "))
	for _, c := range m.Caches {
		text := fmt.Sprintf("%s, %s, lines of %d B", units.Bytes(c.Bytes), ways(c.Ways), c.Line)
		if c.Source == cache.Measured {
			text += ", measured: nothing describes it"
		}
		if c.Shared != "" {
			text += ", shared by CPUs " + c.Shared
		}
		add(fmt.Sprintf("L%d %s", c.Level, c.Type), text)
	}
	if env.MemoryBytes > 0 {
		add("Memory", units.Bytes(env.MemoryBytes))
	}
	if m.CPU.CoreHz > 0 {
		add("Core clock", si(m.CPU.CoreHz, "Hz")+", measured by a chain of dependent additions")
	}
	add("Hypervisor", m.CPU.VM)
	add("Kernel", env.OS)
	add("Go", env.Go)
	add("Huge pages", env.THP)
	pmu := "available"
	if !m.PMU.Available {
		pmu = withCure(orText(m.PMU.Reason, "not available"), m.PMU.Cure)
	}
	add("Hardware counters", pmu)
	add("Fingerprint", m.Fingerprint)
	return list
}

func ways(n int) string {
	if n == 0 {
		return "ways unknown"
	}
	return fmt.Sprintf("%d ways", n)
}

func withCure(text, cure string) string {
	if cure == "" {
		return text
	}
	return text + "; " + cure
}

// verdictRow is what kernels of known work told about a counter.
type verdictRow struct{ Source, Quantity, Status, Error, Text string }

func verdicts(pmu roofline.PMU) (rows []verdictRow) {
	for _, v := range pmu.Verdicts {
		row := verdictRow{string(v.Source), string(v.Quantity), string(v.Status), "–", v.Text}
		if v.On != "" {
			row.Quantity += " on " + v.On
		}
		if v.Status == "verified" || v.Status == "off" {
			row.Error = fmt.Sprintf("%+.2g %%", 100*v.Error)
		}
		rows = append(rows, row)
	}
	return rows
}

// ceilingGroup are the ceilings of one kind and thread count.
type ceilingGroup struct {
	Name string
	Rows []ceilingRow
}

type ceilingRow struct {
	ID       string
	Value    string
	PM       string
	Interval string
	N        int
	Theory   string
	Share    string
	Bar      bar
	Note     string
}

func ceilingGroups(list []roofline.Ceiling) (groups []ceilingGroup) {
	list = slices.Clone(list)
	kinds := []string{"compute", "bandwidth", "latency"}
	slices.SortStableFunc(list, func(a, b roofline.Ceiling) int {
		return cmp.Or(a.Threads-b.Threads, slices.Index(kinds, a.Kind)-slices.Index(kinds, b.Kind))
	})
	for _, c := range list {
		name := capitalized(c.Kind) + ", " + units.Count(c.Threads, "thread")
		if len(groups) == 0 || groups[len(groups)-1].Name != name {
			groups = append(groups, ceilingGroup{Name: name})
		}
		row := ceilingRow{ID: c.ID, Value: si(c.Value.Median, c.Unit), PM: plots.PlusMinus(c.Value), Interval: plots.Interval(c.Value, c.Unit), N: c.Value.N,
			Theory: "–", Share: "–", Note: c.Note}
		if c.Theory > 0 {
			row.Theory, row.Share, row.Bar = si(c.Theory, c.Unit), plots.Percent(c.Value.Median/c.Theory), share(c.Value.Median/c.Theory, "of-roof")
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, row)
	}
	return groups
}
