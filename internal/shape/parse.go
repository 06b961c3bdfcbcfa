package shape

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxElements bounds a dimension and the elements of an operand, so that its bytes fit in an int64.
const maxElements = 1 << 59

var forms = map[string]string{
	"matmul":    "MxNxK, e.g. 512x512x512",
	"gemv":      "MxN, e.g. 2048x2048",
	"attention": "h=8,q=1024,kv=1024,d=64[,causal]",
	"decode":    "h=8,kv=4096,d=64",
}

// whole is the operation that op is, or is a part of: attention of attention.scores.
func whole(op string) string {
	op, _, _ = strings.Cut(op, ".")
	return op
}

// Form shows how a shape of op is written. A part of an operation, as attention.scores, has the shape of the whole.
func Form(op string) string {
	if f, ok := forms[whole(op)]; ok {
		return f
	}
	return "N, e.g. 1048576 or 1Mi"
}

// Parse reads the shape of an operation: see Form. In attention h defaults to 1 and kv to q; a decode step has q = 1.
// Numbers may have the suffix Ki, Mi or Gi. An operand whose bytes overflow an int64 is an error.
func Parse(op, text string) (Shape, error) {
	var s Shape
	var err error
	op = whole(op)
	switch op {
	case "matmul":
		err = dims(text, &s.M, &s.N, &s.K)
	case "gemv":
		err = dims(text, &s.M, &s.N)
	case "attention", "decode":
		s, err = parseHeads(op, text)
	default:
		err = dims(strings.TrimPrefix(text, "n="), &s.N)
	}
	if err == nil {
		err = s.fits()
	}
	if err != nil {
		return Shape{}, fmt.Errorf("parse %s shape %q: %w; write %s", op, text, err, Form(op))
	}
	return s, nil
}

// fits refuses shapes with an operand of more than maxElements elements.
func (s Shape) fits() error {
	for _, operand := range [][3]int{
		{s.M, s.K, 1}, {s.K, s.N, 1}, {s.M, s.N, 1}, // matmul: A, B, C; gemv: A
		{s.H, s.Q, s.D}, {s.H, s.KV, s.D}, {s.H, s.Q, s.KV}, // attention: Q, K, scores
	} {
		elements := int64(1)
		for _, n := range operand {
			if n = max(n, 1); int64(n) > maxElements/elements {
				return fmt.Errorf("an operand of %d·%d·%d elements is too large for any memory", operand[0], operand[1], operand[2])
			}
			elements *= int64(n)
		}
	}
	return nil
}

// dims reads numbers separated by x, one for each field.
func dims(text string, fields ...*int) error {
	parts := strings.Split(text, "x")
	for _, part := range parts {
		if _, err := dim(part); err != nil {
			return err
		}
	}
	if len(parts) != len(fields) {
		return fmt.Errorf("dimensions: got %d, need %d", len(parts), len(fields))
	}
	for i, f := range fields {
		n, err := dim(parts[i])
		if err != nil {
			return err
		}
		*f = n
	}
	return nil
}

// dim reads a positive number, perhaps with the suffix Ki, Mi or Gi.
func dim(text string) (int, error) {
	digits, shift := text, 0
	for i, suffix := range []string{"Ki", "Mi", "Gi"} {
		if cut, ok := strings.CutSuffix(text, suffix); ok {
			digits, shift = cut, 10*(i+1)
		}
	}
	n, err := strconv.Atoi(digits)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && n > maxElements>>shift:
		return 0, fmt.Errorf("%s is too large for any memory", text)
	case err != nil:
		return 0, fmt.Errorf("%q is not a whole number", text)
	case n < 1:
		return 0, fmt.Errorf("%s is not positive", text)
	}
	return n << shift, nil
}

func parseHeads(op, text string) (Shape, error) {
	var s Shape
	fields := map[string]*int{"h": &s.H, "q": &s.Q, "kv": &s.KV, "d": &s.D}
	for part := range strings.SplitSeq(text, ",") {
		key, value, hasValue := strings.Cut(part, "=")
		f := fields[key]
		switch {
		case part == "causal" && op == "attention" && !s.Causal:
			s.Causal = true
		case part == "causal" && op == "decode":
			return s, errors.New("causal: the one query of a decode step sees all keys")
		case part == "causal":
			return s, errors.New("causal is given twice")
		case f == nil || !hasValue:
			return s, fmt.Errorf("unknown part %q", part)
		case *f != 0:
			return s, fmt.Errorf("%s is given twice", key)
		default:
			n, err := dim(value)
			if err != nil {
				return s, fmt.Errorf("%s: %w", key, err)
			}
			*f = n
		}
	}
	if s.H == 0 {
		s.H = 1
	}
	if op == "decode" {
		if s.Q > 1 {
			return s, fmt.Errorf("q=%d: a decode step has one query", s.Q)
		}
		s.Q = 1
	}
	if s.KV == 0 && op == "attention" {
		s.KV = s.Q
	}
	for _, f := range []struct {
		key string
		n   int
	}{{"q", s.Q}, {"kv", s.KV}, {"d", s.D}} {
		if f.n == 0 {
			return s, fmt.Errorf("%s is missing", f.key)
		}
	}
	return s, nil
}

// String writes the shape as Parse reads it. The zero shape is "".
func (s Shape) String() string {
	switch {
	case s.D > 0:
		text := fmt.Sprintf("h=%d,q=%d,kv=%d,d=%d", s.H, s.Q, s.KV, s.D)
		if s.Causal {
			text += ",causal"
		}
		return text
	case s.K > 0:
		return fmt.Sprintf("%dx%dx%d", s.M, s.N, s.K)
	case s.M > 0:
		return fmt.Sprintf("%dx%d", s.M, s.N)
	case s.N > 0:
		return strconv.Itoa(s.N)
	}
	return ""
}
