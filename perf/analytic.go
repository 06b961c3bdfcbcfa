package perf

import (
	"context"
	"math"
)

// AnalyticSource is the source that runs nothing: it repeats the work that the workload declares from its shape.
type AnalyticSource struct{}

// Name returns SourceAnalytic.
func (AnalyticSource) Name() SourceName { return SourceAnalytic }

// Count returns the declared work. What w doesn't declare is missing.
func (AnalyticSource) Count(ctx context.Context, w Workload, want []Quantity) (map[Quantity]Count, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	declared := w.Declared()
	counts := make(map[Quantity]Count, len(want))
	for _, q := range want {
		v, ok := declared[q]
		switch {
		case !ok:
			counts[q] = NotCounted(SourceAnalytic, whyNot(w, q))
		case math.IsNaN(v) || math.IsInf(v, 0) || v < 0:
			counts[q] = NotCounted(SourceAnalytic, "the kernel declares no finite, non-negative value")
		default:
			counts[q] = Count{Value: v, Source: SourceAnalytic, Quality: Analytic}
		}
	}
	return counts, nil
}

// Explainer is a Workload that knows why its shape does not determine a quantity.
type Explainer interface {
	WhyNotDeclared(q Quantity) string // "" if it doesn't know
}

func whyNot(w Workload, q Quantity) string {
	if e, ok := w.(Explainer); ok {
		if why := e.WhyNotDeclared(q); why != "" {
			return why
		}
	}
	return "the kernel's shape does not determine it"
}
