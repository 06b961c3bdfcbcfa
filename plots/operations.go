package plots

import (
	"slices"

	"github.com/roofline-go/roofline/roofline"
)

// operationOf is the unit of work that all rows have in common: FLOP, and OP where some count integers.
func operationOf(rows []row) string {
	if slices.ContainsFunc(rows, counts(roofline.OP)) {
		return roofline.OP
	}
	return roofline.FLOP
}

// mixed says whether some rows count FLOPs and some count operations.
func mixed(rows []row) bool {
	return slices.ContainsFunc(rows, counts(roofline.OP)) && slices.ContainsFunc(rows, counts(roofline.FLOP))
}

func counts(operation string) func(row) bool {
	return func(r row) bool { return r.computes() && r.run.Operation() == operation }
}

// unitsOf is what stands on an axis of performance (per is "/s") or of intensity ("/byte") that the rows share.
func unitsOf(rows []row, per string) string {
	if mixed(rows) {
		return roofline.FLOP + per + "; int8: " + roofline.OP + per
	}
	return operationOf(rows) + per
}
