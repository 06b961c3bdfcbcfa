package ccall

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Type is the type of an element or of a scalar.
type Type string

// The types: floating point, bfloat16 and signed and unsigned integers, with their bits.
const (
	F64  Type = "f64"
	F32  Type = "f32"
	F16  Type = "f16"
	BF16 Type = "bf16"
)

// sizes are the types and their bytes.
var sizes = map[Type]int{F64: 8, F32: 4, F16: 2, BF16: 2, "i8": 1, "u8": 1, "i16": 2, "u16": 2, "i32": 4, "u32": 4, "i64": 8, "u64": 8}

// typeNames lists the types for messages.
const typeNames = "f64, f32, f16, bf16, i8 … i64, u8 … u64"

func (t Type) float() bool { return t[0] == 'f' || t[0] == 'b' }

// Arg is one argument: an array of Len elements, or with Len 0 a scalar.
type Arg struct {
	Type Type
	Len  int64
	Fill Fill
}

// Fill says what an array holds: drawn numbers, or From, From+1, … up to To and again. A scalar is From.
type Fill struct {
	Given    bool
	From, To float64
	Int      int64 // From of an integer type, exactly; large unsigned ones as negative numbers of the same bits
}

// Signature describes a call of a C function, in the order of its parameters.
type Signature []Arg

// Most arguments, of which the processor passes most floating-point ones in registers.
const (
	mostArgs   = 64
	mostFloats = 8
	mostBytes  = 1 << 40
)

// Parse reads a signature: arguments with commas between them, each one of
//
//	TYPE[LEN]           a pointer to an array of LEN elements: floating point drawn from [-1, 1), integers 0
//	TYPE[LEN]=VALUE     of one value
//	TYPE[LEN]=FROM..TO  of FROM, FROM+1, … TO, and again from FROM on
//	TYPE=VALUE          a scalar
//
// TYPE is f64, f32, f16, bf16, i8, i16, i32, i64, u8, u16, u32 or u64; scalars are of f64, f32 or an integer type. LEN is a
// product like 512*512, its factors with Ki, Mi or Gi if need be.
func Parse(text string) (Signature, error) {
	fail := func(err error) (Signature, error) { return nil, fmt.Errorf("parse signature %q: %w", text, err) }
	if strings.TrimSpace(text) == "" {
		return Signature{}, nil
	}
	var s Signature
	floats, bytes := 0, int64(0)
	for part := range strings.SplitSeq(text, ",") {
		a, err := parseArg(strings.TrimSpace(part))
		if err != nil {
			return fail(err)
		}
		s = append(s, a)
		if a.Len == 0 && a.Type.float() {
			floats++
		}
		bytes += a.Bytes()
		if bytes > mostBytes {
			return fail(fmt.Errorf("its arrays have more than %d bytes", int64(mostBytes)))
		}
	}
	switch {
	case len(s) > mostArgs:
		return fail(fmt.Errorf("%d arguments (at most %d can be passed: wrap the function in one that takes them from an array)", len(s), mostArgs))
	case floats > mostFloats:
		return fail(fmt.Errorf("%d floating-point scalars (at most %d can be passed in registers: wrap the function in one that takes them from an array)", floats, mostFloats))
	}
	return s, nil
}

func parseArg(text string) (a Arg, err error) {
	kind, value, given := strings.Cut(text, "=")
	kind, length, array := strings.Cut(strings.TrimSpace(kind), "[")
	a.Type = Type(strings.TrimSpace(kind))
	value = strings.TrimSpace(value)
	if sizes[a.Type] == 0 {
		return a, fmt.Errorf("%q: no type is called %q; use %s", text, a.Type, typeNames)
	}
	switch {
	case !array && !given:
		return a, fmt.Errorf("%q: a scalar needs its value, %s=1; an array its length, %s[1024]", text, a.Type, a.Type)
	case !array:
		return a, a.parseScalar(value)
	}
	length, closed := strings.CutSuffix(strings.TrimSpace(length), "]")
	if !closed {
		return a, fmt.Errorf("%q: a ] is missing; write %s[1024]", text, a.Type)
	}
	if a.Len, err = parseLength(length); err != nil {
		return a, fmt.Errorf("%q: %w", text, err)
	}
	if !given {
		return a, nil
	}
	return a, a.parseFill(value)
}

// parseLength reads a product of sizes.
func parseLength(text string) (int64, error) {
	n := int64(1)
	for factor := range strings.SplitSeq(text, "*") {
		number, unit := strings.TrimSpace(factor), int64(1)
		for suffix, u := range map[string]int64{"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30} {
			if before, found := strings.CutSuffix(number, suffix); found {
				number, unit = before, u
			}
		}
		v, err := strconv.ParseInt(number, 10, 64)
		if v > mostBytes/unit {
			return 0, fmt.Errorf("a length of %q: too large", text)
		}
		v *= unit
		if err != nil || v <= 0 || v > mostBytes/n {
			return 0, fmt.Errorf("a length of %q; write a product of positive sizes, e.g. 512*512 or 4Mi", text)
		}
		n *= v
	}
	return n, nil
}

func (a *Arg) parseScalar(value string) error {
	a.Fill.Given = true
	switch {
	case a.Type == F16 || a.Type == BF16:
		return fmt.Errorf("%s=%s: a scalar of that type has no fixed way into a function; use f32, f64 or an integer type", a.Type, value)
	case a.Type.float():
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("%s=%s: not a number", a.Type, value)
		}
		a.Fill.From, a.Fill.To = v, v
		return nil
	}
	v, err := parseInt(a.Type, value)
	if err != nil {
		return fmt.Errorf("%s=%s: not a number that the type holds", a.Type, value)
	}
	a.Fill.Int, a.Fill.From, a.Fill.To = v, float64(v), float64(v)
	return nil
}

// parseInt reads an integer of a type; large unsigned ones come as negative numbers of the same bits.
func parseInt(t Type, value string) (int64, error) {
	bits := 8 * sizes[t]
	if t[0] == 'u' {
		v, err := strconv.ParseUint(value, 0, bits)
		return int64(v), err
	}
	return strconv.ParseInt(value, 0, bits)
}

// number reads a value of the type; of an integer also exactly, as parseInt has it.
func (t Type) number(text string) (v float64, exactly int64, err error) {
	if t.float() {
		v, err = strconv.ParseFloat(text, 64)
		return v, 0, err
	}
	exactly, err = parseInt(t, text)
	if t[0] == 'u' {
		return float64(uint64(exactly)), exactly, err
	}
	return float64(exactly), exactly, err
}

func (a *Arg) parseFill(value string) error {
	a.Fill.Given = true
	first, last, isRange := strings.Cut(value, "..")
	if !isRange {
		last = first
	}
	for _, end := range []struct {
		text string
		to   *float64
	}{{first, &a.Fill.From}, {last, &a.Fill.To}} {
		v, exactly, err := a.Type.number(strings.TrimSpace(end.text))
		if end.to == &a.Fill.From {
			a.Fill.Int = exactly
		}
		if err != nil || a.Type.float() && math.IsNaN(v) && isRange {
			return fmt.Errorf("%s[%d]=%s: want a number that the type holds, or two with .. between them", a.Type, a.Len, value)
		}
		*end.to = v
	}
	const exact = 1 << 53
	if isRange && !(a.Fill.To >= a.Fill.From && math.Abs(a.Fill.From) <= exact && math.Abs(a.Fill.To) <= exact) {
		return fmt.Errorf("%s[%d]=%s: the range must not end before it begins", a.Type, a.Len, value)
	}
	return nil
}

// Bytes is the size of an array; 0 for a scalar.
func (a Arg) Bytes() int64 { return a.Len * int64(sizes[a.Type]) }

// Bytes is the size of all arrays.
func (s Signature) Bytes() (sum int64) {
	for _, a := range s {
		sum += a.Bytes()
	}
	return sum
}

// String is the signature as Parse reads it.
func (s Signature) String() string {
	var parts []string
	for _, a := range s {
		parts = append(parts, a.String())
	}
	return strings.Join(parts, ", ")
}

// String is the argument as Parse reads it.
func (a Arg) String() string {
	text := string(a.Type)
	if a.Len > 0 {
		text += fmt.Sprintf("[%d]", a.Len)
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	if !a.Type.float() {
		number = func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	}
	one := a.Fill.From == a.Fill.To
	switch {
	case !a.Fill.Given:
		return text
	case one && a.Type[0] == 'u':
		return text + "=" + strconv.FormatUint(uint64(a.Fill.Int), 10)
	case one && !a.Type.float():
		return text + "=" + strconv.FormatInt(a.Fill.Int, 10)
	case one || a.Fill.From != a.Fill.From:
		return text + "=" + number(a.Fill.From)
	}
	return text + "=" + number(a.Fill.From) + ".." + number(a.Fill.To)
}

// elements are the element types of the arrays, each once.
func (s Signature) elements() (types []Type) {
	for _, a := range s {
		if a.Len > 0 && !slices.Contains(types, a.Type) {
			types = append(types, a.Type)
		}
	}
	return types
}
