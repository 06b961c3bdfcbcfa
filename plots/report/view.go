package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"

	"github.com/roofline-go/roofline/plots"
	"github.com/roofline-go/roofline/roofline"
)

// view is what the script draws: every number of the chart and its cards, without the samples and the analysis.
type view struct {
	Levels  []string          `json:"levels"`
	Axes    [2]string         `json:"axes"`    // units of intensity and of performance
	Threads int               `json:"threads"` // shown first
	Lines   map[int][]line    `json:"lines"`   // by thread count
	Points  []point           `json:"points"`
	Arrows  []arrow           `json:"arrows"`
	Bounds  map[string]string `json:"bounds"` // ceilings in words
	Roofs   []roof            `json:"roofs"`  // that bind a point
	Words   []string          `json:"words"`  // texts that points share, by index
	Name    string            `json:"name"`   // of the file for download

	words map[string]int
	roofs map[string]int
}

// line is a roof that is drawn.
type line struct {
	Level    string   `json:"level,omitempty"`
	Main     bool     `json:"main,omitempty"`
	Label    string   `json:"label"`
	Families []string `json:"families,omitempty"`
	IDs      []string `json:"ids"`
	Value    short    `json:"v"`
	Lo       short    `json:"lo,omitempty"`
	Hi       short    `json:"hi,omitempty"`
	Unit     string   `json:"unit"`
	Theory   short    `json:"theory,omitempty"`
}

// roof is a ceiling as the formulas of a card name it.
type roof struct {
	Level string `json:"level,omitempty"` // of a bandwidth
	Unit  string `json:"unit"`
	Value short  `json:"v"`
	Lo    short  `json:"lo,omitempty"`
	Hi    short  `json:"hi,omitempty"`
}

// arrow leads from a past point to a later one.
type arrow struct {
	From    int    `json:"from"`
	To      int    `json:"to"`
	Text    string `json:"text"`
	Outcome string `json:"outcome"`
}

// short is a number with the digits that a reader may see, and no more.
type short float64

func (f short) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(f), 'g', 7, 64), nil
}

func viewOf(s *story, marks []plots.Mark) (template.HTML, error) {
	v := view{Levels: roofline.Levels, Axes: [2]string{plots.Units(s.current, "/byte"), plots.Units(s.current, "/s")}, Threads: plots.UsualThreads(s.current), Lines: map[int][]line{}, Bounds: map[string]string{},
		Points: []point{}, Arrows: []arrow{}, Roofs: []roof{}, Name: "result.json", words: map[string]int{}, roofs: map[string]int{}}
	if len(s.entries) > 1 {
		v.Name = "report.json"
	}
	counts := map[int]bool{v.Threads: true}
	for _, r := range s.current.Runs {
		counts[r.Threads] = true
	}
	for _, c := range s.current.Ceilings {
		counts[c.Threads] = true
		v.Bounds[c.ID] = roofline.BoundName(c.ID)
	}
	for n := range counts {
		if lines, err := plots.Lines(s.current, n); err == nil {
			v.Lines[n] = linesOf(lines)
		}
	}
	for i, r := range s.current.Runs {
		v.Points = append(v.Points, v.pointOf(s.current.Ceilings, r, marks[i], i))
	}
	s.past(&v)
	return pack(v)
}

func linesOf(lines []plots.Line) (out []line) {
	for _, l := range lines {
		j := line{Level: l.Level, Main: l.Main, Label: l.Label, Families: l.Families, IDs: l.IDs, Value: short(l.Value.Median), Unit: l.Unit, Theory: short(l.Theory)}
		if l.Value.Known() {
			j.Lo, j.Hi = short(l.Value.Lo), short(l.Value.Hi)
		}
		out = append(out, j)
	}
	return out
}

// word is the index of a text.
func (v *view) word(text string) int {
	i, ok := v.words[text]
	if !ok {
		i = len(v.Words)
		v.words[text], v.Words = i, append(v.Words, text)
	}
	return i
}

// roof is the index of the ceiling that binds a run, −1 where it is not among the ceilings.
func (v *view) roof(ceilings []roofline.Ceiling, run roofline.Run) int {
	c, ok := run.BoundCeiling(ceilings)
	if !ok {
		return -1
	}
	key := fmt.Sprint(c.ID, c.Threads, c.Value.Median) // in lines it is not the same for every run
	if i, ok := v.roofs[key]; ok {
		return i
	}
	r := roof{Unit: c.Unit, Value: short(c.Value.Median)}
	if c.Value.Known() {
		r.Lo, r.Hi = short(c.Value.Lo), short(c.Value.Hi)
	}
	if c.Kind == "bandwidth" {
		r.Level = c.Level
	}
	v.roofs[key], v.Roofs = len(v.Roofs), append(v.Roofs, r)
	return v.roofs[key]
}
