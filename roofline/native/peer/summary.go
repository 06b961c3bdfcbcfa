package peer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// Summary tells of every library among the runs which build it is and how it was set up for which of them; "" when there is
// none.
func Summary(runs []roofline.Run) string {
	var b strings.Builder
	var variants []string
	setups := map[string][]string{} // of a variant, in order
	used := map[string][]string{}   // by setup: the shapes
	head := map[string]string{}
	for _, r := range runs {
		if r.Peer == nil {
			continue
		}
		if !slices.Contains(variants, r.Variant) {
			variants = append(variants, r.Variant)
			head[r.Variant] = fmt.Sprintf("%s: %s", r.Variant, r.Peer.File)
			if r.Peer.Version != "" {
				head[r.Variant] += " (" + r.Peer.Version + ")"
			}
		}
		how := r.Peer.Function
		if r.Peer.Kernel != "" {
			how += ", kernel " + r.Peer.Kernel
		}
		if len(r.Peer.Environment) > 0 {
			how += ", " + strings.Join(r.Peer.Environment, " ")
		}
		if !slices.Contains(setups[r.Variant], how) {
			setups[r.Variant] = append(setups[r.Variant], how)
		}
		key := r.Variant + how
		used[key] = append(used[key], r.DType+" "+r.Shape.String())
	}
	for _, v := range variants {
		fmt.Fprintln(&b, head[v])
		for _, how := range setups[v] {
			fmt.Fprintf(&b, "  %s: %s\n", how, strings.Join(used[v+how], ", "))
		}
	}
	return b.String()
}
