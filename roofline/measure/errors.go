package measure

import (
	"fmt"
	"math"
	"time"
)

// BudgetError says that the time budget does not suffice for the fewest turns that have an interval. Nothing has been
// written when it is returned.
type BudgetError struct {
	Budget, Need time.Duration
	Kernels      int
}

func (e *BudgetError) Error() string {
	need := roundUp(e.Need)
	kernels := fmt.Sprintf("%d kernels", e.Kernels)
	if e.Kernels == 1 {
		kernels = "1 kernel"
	}
	return fmt.Sprintf("time budget %v is too small for %s: need about %v; pass --time-budget %v", e.Budget, kernels, need, need)
}

// roundUp rounds to two digits, upwards, so that the duration in a cure suffices.
func roundUp(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	unit := time.Duration(math.Pow10(max(0, int(math.Log10(float64(d)))-1)))
	return (d + unit - 1) / unit * unit
}

// WrongResultError says that a kernel computed something else than its reference. It was not timed.
type WrongResultError struct {
	ID        string
	Against   string
	MaxError  float64
	Tolerance float64
}

func (e *WrongResultError) Error() string {
	return fmt.Sprintf("verify %s: wrong result: error %.3g against the %s, tolerance %.3g (not timed)", e.ID, e.MaxError, e.Against, e.Tolerance)
}
