package compare

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
)

// Gate says how much may be lost before a change is a regression. All are relative: 0.03 is 3 %.
type Gate struct {
	Time         float64 `json:"time"`           // longer time
	Roof         float64 `json:"roof"`           // lost share of the attainable performance
	BytesPerFLOP float64 `json:"bytes_per_flop"` // more bytes per FLOP at any level that both sides know (the inverse of the AI)
	Memory       float64 `json:"memory"`         // higher peak resident set
	Error        float64 `json:"error"`          // larger error against the reference, where it is more than rounding
}

// DefaultGate is what a gate allows when nothing else is said.
var DefaultGate = Gate{Time: 0.03, Roof: 0.03, BytesPerFLOP: 0.02, Memory: 0.10, Error: 1}

// GateFile is the file in the current directory that sets thresholds: a JSON object with the fields of Gate.
const GateFile = ".roofline-gate.json"

// ReadGate reads thresholds from a file in JSON; fields that it leaves out keep their default. When must is false a file
// that does not exist gives the defaults.
func ReadGate(path string, must bool) (Gate, error) {
	g := DefaultGate
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && !must {
		return g, nil
	}
	if err != nil {
		return g, fmt.Errorf("read gate: %w", err)
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&g); err != nil {
		if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
			err = fmt.Errorf("%s is a %s, not a number", cmp.Or(kind.Field, "the document"), kind.Value)
		}
		return g, fmt.Errorf("read gate %s: %w (fields: time, roof, bytes_per_flop, memory, error; 0.03 is 3 %%)", path, err)
	}
	return g, g.Check()
}

// Check refuses thresholds that are no shares.
func (g Gate) Check() error {
	for _, t := range []struct {
		name  string
		share float64
	}{{"time", g.Time}, {"roof", g.Roof}, {"bytes_per_flop", g.BytesPerFLOP}, {"memory", g.Memory}, {"error", g.Error}} {
		if !(t.share > 0) || math.IsInf(t.share, 0) {
			return fmt.Errorf("gate: %s is %g; a threshold is a positive share, 0.03 for 3 %%", t.name, t.share)
		}
	}
	return nil
}

// Ruling is the gate's answer for one comparison.
type Ruling string

// The rulings.
const (
	Pass      Ruling = "pass"
	Regressed Ruling = "regression"
	Unclear   Ruling = "inconclusive"
	Unfit     Ruling = "environment unfit"
)

// Finding is why a gate does not pass.
type Finding struct {
	ID     string `json:"id"`
	Ruling Ruling `json:"ruling"`
	Text   string `json:"text"`
}

// gateSignificance is stricter than that of a comparison: a false alarm stops somebody's work.
const gateSignificance = 0.01

// Judgement is the gate's answer for a report.
type Judgement struct {
	Thresholds Gate      `json:"thresholds"`
	Ruling     Ruling    `json:"ruling"`
	Findings   []Finding `json:"findings,omitempty"`
}

// Judge rules on a report.
func (g Gate) Judge(r *Report) *Judgement {
	ruling, findings := g.Rule(r)
	return &Judgement{g, ruling, findings}
}

// Rule judges every comparison of the report. The ruling over all is the worst: regression before unfit before inconclusive.
func (g Gate) Rule(r *Report) (Ruling, []Finding) {
	var findings []Finding
	worst := Pass
	if r.Machines != "" { // of what was found there nothing tells anything of the code
		return Unfit, []Finding{{"machines", Unfit, r.Machines}}
	}
	for i := range r.Comparisons {
		findings = append(findings, g.rule(&r.Comparisons[i])...)
	}
	for _, id := range r.Lost {
		findings = append(findings, Finding{id, Unclear, "it is not in new: nothing tells whether it has become slower"})
	}
	for _, f := range findings {
		if severity[f.Ruling] > severity[worst] {
			worst = f.Ruling
		}
	}
	return worst, findings
}

var severity = map[Ruling]int{Pass: 0, Unclear: 1, Unfit: 2, Regressed: 3}

func (g Gate) rule(c *Comparison) (findings []Finding) {
	add := func(r Ruling, format string, args ...any) {
		findings = append(findings, Finding{c.ID, r, fmt.Sprintf(format, args...)})
	}
	if r, text := g.time(c); r != Pass {
		add(r, "time: %s", text)
	}
	for _, m := range c.Metrics {
		if !m.Known() || math.IsNaN(m.Ratio.Median) {
			continue
		}
		switch worse, limit := g.loss(m); {
		case limit == 0 || !(worse.mid > limit):
		case m.Name == "roof" && !(worse.lo > 0 && c.proven(gateSignificance)): // it moves with the time
		case worse.lo > 0:
			add(Regressed, "%s: worse by %s, more than %s allowed", lossName(m.Name), percent(worse.mid), percent(limit))
		}
	}
	return findings
}

// lossName names what has become larger: of an arithmetic intensity it is what is divided by.
func lossName(metric string) string {
	if level, ok := strings.CutPrefix(metric, "ai."); ok {
		return "bytes." + level + " per FLOP"
	}
	return metric
}

// time judges the time alone. It passes when the interval excludes a loss above the threshold, and is a regression when the
// loss is above it and proven.
func (g Gate) time(c *Comparison) (Ruling, string) {
	s := c.Time.Speedup
	slower := 1/s.Median - 1 // median change of time
	switch {
	case !s.Known():
		return Unclear, fmt.Sprintf("no interval (%s)", strings.Join(c.Time.Warnings, "; "))
	case slower > g.Time && s.Hi < 1 && c.proven(gateSignificance):
		return Regressed, fmt.Sprintf("%s %s, more than %s allowed", signed(slower), c.interval(), percent(g.Time))
	case 1/s.Lo-1 <= g.Time:
		return Pass, ""
	case c.Floor > g.Time:
		return Unfit, fmt.Sprintf("%s %s, and identical code differs by up to %s here, more than the threshold of %s; quiet the machine and measure the floor again (--aa), or raise --gate-time",
			signed(slower), c.interval(), percent(c.Floor), percent(g.Time))
	case c.Alone > apart:
		return Unfit, fmt.Sprintf("%s %s between one process each, and %s", signed(slower), c.interval(), c.aloneNote())
	case c.Alone > 0:
		return Unclear, fmt.Sprintf("%s %s between one process each, and %s", signed(slower), c.interval(), c.aloneNote())
	}
	text := fmt.Sprintf("%s %s after %d pairs, which does not tell whether more than %s is lost; ", signed(slower), c.interval(), s.N, percent(g.Time))
	if c.busy != "" {
		return Unfit, text + c.busy + "; quiet it, or give it longer (--decide-within)"
	}
	return Unclear, text + "take more pairs, or give it longer (--decide-within)"
}

// decides says whether more pairs of processes would not change the ruling on the time of a comparison.
func (g Gate) decides(c Comparison) bool {
	r, _ := g.time(&c)
	return r == Pass || r == Regressed
}

type loss struct{ lo, mid float64 }

// loss is how much worse the new side is, with the lower end of its interval, and the threshold; 0 where there is none.
func (g Gate) loss(m Metric) (loss, float64) {
	up := loss{m.Ratio.Lo - 1, m.Ratio.Median - 1}
	down := loss{1 - m.Ratio.Hi, 1 - m.Ratio.Median}
	switch {
	case m.Name == "roof":
		return down, g.Roof
	case strings.HasPrefix(m.Name, "ai."):
		return loss{1/m.Ratio.Hi - 1, 1/m.Ratio.Median - 1}, g.BytesPerFLOP
	case m.Name == "peak_rss":
		return up, g.Memory
	case m.Name == "error" && m.New.Median > 0:
		return up, g.Error
	}
	return loss{}, 0
}
