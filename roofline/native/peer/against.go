package peer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/roofline"
)

// Against compares times, in a line: of every problem that both have solved, the fastest peer's divided by that of the fastest
// kernel that is no peer's. Rates would mislead: ours are of what was executed, which is more than the problem needs where a
// vector is not full, a peer's are of the problem. "" when there is nothing to compare.
func Against(runs []roofline.Run) string {
	type best struct{ ours, theirs *roofline.Run }
	found := map[string]*best{}
	var problems []string
	for i, r := range runs {
		p := fmt.Sprintf("%s %s %s", r.Kernel, r.DType, r.Shape)
		if found[p] == nil {
			found[p] = &best{}
			problems = append(problems, p)
		}
		fastest := &found[p].ours
		if r.Peer != nil {
			fastest = &found[p].theirs
		}
		if r.Time.Median > 0 && (*fastest == nil || r.Time.Median < (*fastest).Time.Median) {
			*fastest = &runs[i]
		}
	}
	problems = slices.DeleteFunc(problems, func(p string) bool { return found[p].ours == nil || found[p].theirs == nil })
	if len(problems) == 0 {
		return ""
	}
	for i, p := range problems {
		b := found[p]
		problems[i] = fmt.Sprintf("%s %.2f (%s)", p, b.theirs.Time.Median/b.ours.Time.Median, b.theirs.Variant)
	}
	return "Best peer's time ÷ ours, above 1 where ours is faster: " + strings.Join(problems, ", ") + "\n"
}
