package event

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The documentation shows how each quantity comes from events, by their roles, a line each and in the order of preference.
func TestFormulasAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/counters.md")
	check(t, err)
	var lines []string
	for _, r := range recipes {
		lines = append(lines, r.formula())
	}
	if all := strings.Join(lines, "\n"); !strings.Contains(string(b), all) {
		t.Errorf("docs/counters.md does not have these lines:\n%s", all)
	}
}

// formula writes the recipe down, e.g. "bytes.L3 = 64 × (l2.fill + l2.wb)".
func (r recipe) formula() string {
	sum := strings.Join(summands(r.roles), " + ")
	if len(r.less) > 0 {
		sum += " − " + strings.Join(r.less, " − ")
	}
	if len(r.roles) > 1 && r.weight != perCount {
		sum = "(" + sum + ")"
	}
	switch r.weight {
	case perLine:
		sum = "64 × " + sum
	case perWorth:
		sum = "unit × " + sum
	case perFLOPs:
		sum = "weight × " + sum
	}
	if r.unseen != nil {
		sum += ", if " + strings.Join(r.unseen, " + ") + " ≤ 5 % of the lines"
	}
	if r.leader != "" {
		sum += ", in a group led by " + r.leader
	}
	return string(r.quantity) + " = " + sum
}

// summands writes a role that stands for several as a sum.
func summands(roles []string) []string {
	list := slices.Clone(roles)
	for i, role := range list {
		if strings.HasSuffix(role, "*") {
			list[i] = "Σ " + role
		}
	}
	return list
}
