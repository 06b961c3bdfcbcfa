package top

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/roofline-go/roofline/internal/units"
)

// Roof is what the machine allows at an arithmetic intensity, in FLOP/s; 0 where it is not known.
type Roof func(ai float64) float64

// WriteText prints the tree: of every path its share of the time, its own time, calls, performance, arithmetic intensity,
// share of the roof and allocations. Operations without declared work have a time only.
func WriteText(w io.Writer, root *Node, roof Roof) error {
	if len(root.Children) == 0 {
		_, err := fmt.Fprintln(w, "no operation was recorded: mark them with package top, and call top.Flush before the program ends")
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "time\tself\tcalls\trate\tFLOPs\tbytes\tAI\troof\tallocs\t  operation")
	flops, bytes := root.AllFLOPs(), root.AllBytes()
	var walk func(n *Node, depth int)
	walk = func(n *Node, depth int) {
		if n != root {
			rate, ai, share := "–", "–", "–"
			if n.AllFLOPs() > 0 && n.Total > 0 {
				perf := n.AllFLOPs() / n.Total.Seconds()
				rate = units.SI(perf, "FLOP/s")
				if b := n.AllBytes(); b > 0 {
					ai = fmt.Sprintf("%.3g", n.AllFLOPs()/b)
					if top := roof(n.AllFLOPs() / b); top > 0 {
						share = part(perf, top)
					}
				}
			}
			fmt.Fprintf(tw, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%d\t  %s%s\n", part(n.Total.Seconds(), root.Total.Seconds()), short(n.Self()), n.Calls, rate,
				part(n.AllFLOPs(), flops), part(n.AllBytes(), bytes), ai, share, n.Allocs, strings.Repeat("  ", depth-1), units.OneLine(n.Name))
		}
		for _, c := range n.Children {
			walk(c, depth+1)
		}
	}
	walk(root, 0)
	return tw.Flush()
}

func part(v, of float64) string {
	if !(of > 0) {
		return "–"
	}
	if share := 100 * v / of; share == 0 || share >= 0.95 {
		return fmt.Sprintf("%.0f %%", share)
	}
	return fmt.Sprintf("%.1g %%", 100*v/of)
}

func short(d time.Duration) string { return units.SI(d.Seconds(), "s") }
