package kernels

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/roofline-go/roofline/internal/edit"
)

// all gathers the tables of every operation; each stands in the file of its operation.
var all = slices.Concat(matmulKernels, matmulParts, attentionKernels, attentionParts, decodeKernels, gemvKernels, streamKernels)

// All returns every kernel in a stable order: by operation, then from the simplest variant to the fastest. Kernels that
// this machine cannot run are included; their Needs tell.
func All() []*Kernel { return slices.Clone(all) }

// UnknownError says that no kernel matches a pattern.
type UnknownError struct {
	Pattern string
	Nearest string // the most similar pattern that matches something; "" when none is similar
}

func (e *UnknownError) Error() string {
	hint := "`roofline list kernels` shows all"
	if e.Nearest != "" {
		hint = fmt.Sprintf("did you mean %q? %s", e.Nearest, hint)
	}
	return fmt.Sprintf("find kernel %q: no such kernel (%s)", e.Pattern, hint)
}

// Find returns the kernels that match a pattern op[/variant[/dtype]], in the order of All. Each part may contain the
// wildcards of path.Match; parts left out match everything, so "matmul" is all of matmul. The error is an *UnknownError
// when nothing matches, or says what is wrong with the pattern.
func Find(pattern string) ([]*Kernel, error) {
	parts := strings.Split(pattern, "/")
	if len(parts) > 3 {
		return nil, fmt.Errorf("find kernel %q: too many parts (want op/variant/dtype, e.g. matmul/avx2/f32)", pattern)
	}
	var found []*Kernel
	for _, k := range all {
		ok, err := matches(parts, k)
		if err != nil {
			return nil, fmt.Errorf("find kernel %q: %w (quote it as op/variant/dtype, e.g. \"matmul/avx*\")", pattern, err)
		}
		if ok {
			found = append(found, k)
		}
	}
	if found == nil {
		return nil, &UnknownError{Pattern: pattern, Nearest: nearest(pattern, len(parts))}
	}
	return found, nil
}

// matches reports whether the parts of a pattern match the first parts of k's ID.
func matches(parts []string, k *Kernel) (bool, error) {
	id := strings.Split(k.ID(), "/")
	all := true
	for i, p := range parts {
		ok, err := path.Match(p, id[i]) // every part is tried, so that a malformed one is always reported
		if err != nil {
			return false, err
		}
		all = all && ok
	}
	return all, nil
}

// nearest returns the ID, cut to n parts, with the least edit distance to pattern, the first of equals; "" when more than half of
// pattern would have to change.
func nearest(pattern string, n int) string {
	best, dist := "", len(pattern)/2+1
	for _, k := range all {
		id := strings.Join(strings.Split(k.ID(), "/")[:n], "/")
		if d := edit.Distance(strings.ToLower(pattern), id); d < dist {
			best, dist = id, d
		}
	}
	return best
}
