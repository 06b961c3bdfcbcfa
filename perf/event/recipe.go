package event

import (
	"strings"

	"github.com/roofline-go/roofline/perf"
)

// recipe says how a quantity comes from events: the sum over the events of its roles, each times its weight, less the sum
// over those to be taken off. A role that ends in .* stands for all that begin so. Of several recipes for a quantity the
// first counts for which the PMU has every role.
type recipe struct {
	quantity perf.Quantity
	roles    []string
	less     []string
	weight   weight
	level    level
	only     func(*unit) bool // nil: on every unit

	leader string   // role of the event that has to lead the group
	unseen []string // roles that bound what no event sees: at most a line for each of their counts
	always bool     // no program runs without it: a count of 0 means that the event does not work
	detail bool     // not worth a further pass where everything is counted in one
	note   string
}

// weight is what a count of an event is multiplied with.
type weight int

const (
	perCount weight = iota // 1
	perLine                // 64 bytes
	perWorth               // the bytes or joules that the table or the kernel gives
	perFLOPs               // the operations that the table gives
)

// level is where a PMU stands.
type level int

const (
	onCore level = iota
	onUncore
)

// lineBytes is the size of a cache line on every CPU that has a table.
const lineBytes = 64

// finds returns the events of a unit for a role of a recipe.
func (u *unit) finds(role string) (found []int) {
	prefix, open := strings.CutSuffix(role, "*")
	for i, c := range u.events {
		if c.role == role || open && strings.HasPrefix(c.role, prefix) {
			found = append(found, i)
		}
	}
	return found
}

// uses lists the events of a unit that the recipe needs, the leader first; ok says whether each role has one.
func (u *unit) uses(r recipe) (events []int, ok bool) {
	if r.only != nil && !r.only(u) {
		return nil, false
	}
	roles := append(append([]string(nil), r.roles...), r.less...)
	roles = append(roles, r.unseen...)
	if r.leader != "" {
		roles = append([]string{r.leader}, roles...)
	}
	for _, role := range roles {
		found := u.finds(role)
		if len(found) == 0 {
			return nil, false
		}
		events = union(events, found)
	}
	return events, true
}
