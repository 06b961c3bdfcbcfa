package native

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/kernels"
)

// Signature is how a function is called, at which size.
type Signature struct {
	Name  string        // as the user wrote it before the colon, e.g. sgemm or matmul/bf16
	Form  Form          // how the arguments are passed
	Op    string        // what it computes: matmul, attention, axpy, triad, dot, copy; "" for a struct
	DType kernels.DType // of the inputs; "" for a struct
	Shape shape.Shape
}

// Form is a calling convention.
type Form string

// The forms.
const (
	Plain  Form = "plain"  // row-major operands and sizes, see Prototype
	CBLAS  Form = "cblas"  // the argument list of cblas_sgemm
	Struct Form = "struct" // a struct roofline_kernel, see roofline_kernel.h
)

// entry is what is known of a name.
type entry struct {
	form   Form
	op     string
	dtypes []kernels.DType // the first is the default
	parse  string          // operation whose shapes it takes
}

var plainFloats = []kernels.DType{kernels.F32, kernels.F64}

var entries = map[string]entry{
	"sgemm":     {CBLAS, "matmul", []kernels.DType{kernels.F32}, "matmul"},
	"dgemm":     {CBLAS, "matmul", []kernels.DType{kernels.F64}, "matmul"},
	"matmul":    {Plain, "matmul", []kernels.DType{kernels.F32, kernels.F64, kernels.F16, kernels.BF16, kernels.INT8}, "matmul"},
	"attention": {Plain, "attention", []kernels.DType{kernels.F32}, "attention"},
	"axpy":      {Plain, "axpy", plainFloats, "axpy"},
	"triad":     {Plain, "triad", plainFloats, "triad"},
	"dot":       {Plain, "dot", plainFloats, "dot"},
	"copy":      {Plain, "copy", plainFloats, "copy"},
	"struct":    {form: Struct},
}

// Names lists the names of signatures in the order in which they are documented.
func Names() []string {
	return []string{"sgemm", "dgemm", "matmul", "attention", "axpy", "triad", "dot", "copy", "struct"}
}

// Parse reads NAME:SHAPE, where NAME may be followed by /DTYPE. Every error names the cure.
func Parse(text string) (Signature, error) {
	fail := func(format string, args ...any) (Signature, error) {
		return Signature{}, fmt.Errorf("parse signature %q: "+format, append([]any{text}, args...)...)
	}
	name, size, found := strings.Cut(text, ":")
	base, dtype, typed := strings.Cut(name, "/")
	e, known := entries[base]
	switch {
	case !known:
		return fail("no signature is called %q; use one of %s, each with a size, e.g. sgemm:512x512x512", base, strings.Join(Names(), ", "))
	case !found || size == "":
		return fail("the size is missing; write %s:%s", name, example(e))
	}
	s := Signature{Name: name, Form: e.form, Op: e.op}
	if e.form == Struct {
		if typed {
			return fail("a struct names its own type; write struct:%s", size)
		}
		var err error
		if s.Shape, err = parseDims(size); err != nil {
			return fail("%w; write one to three sizes, e.g. struct:1024x512", err)
		}
		return s, nil
	}
	s.DType = e.dtypes[0]
	if typed {
		if s.DType = kernels.DType(dtype); !slices.Contains(e.dtypes, s.DType) {
			return fail("%s has no type %q; use %s", base, dtype, typeList(e.dtypes))
		}
	}
	var err error
	if s.Shape, err = shape.Parse(e.parse, size); err != nil {
		if before, last, cut := strings.Cut(size, "/"); cut && slices.Contains(e.dtypes, kernels.DType(last)) {
			return fail("the type stands behind the name; write %s/%s:%s", base, last, before)
		}
		return fail("%w", err)
	}
	return s, s.checkSize()
}

// checkSize refuses sizes that the arguments of the function cannot hold.
func (s Signature) checkSize() error {
	const most = 1<<31 - 1
	for _, n := range []int{s.Shape.M, s.Shape.K, s.Shape.H, s.Shape.Q, s.Shape.KV, s.Shape.D} {
		if n > most {
			return fmt.Errorf("parse signature %q: a size of %d does not fit in an int; use a smaller one", s, n)
		}
	}
	if s.Op == "matmul" && s.Shape.N > most {
		return fmt.Errorf("parse signature %q: a size of %d does not fit in an int; use a smaller one", s, s.Shape.N)
	}
	if s.Op == "attention" {
		return kernels.Check("attention", s.Shape)
	}
	return nil
}

// parseDims reads one to three sizes for a struct: N, MxN or MxNxK.
func parseDims(text string) (shape.Shape, error) {
	switch strings.Count(text, "x") {
	case 0:
		return shape.Parse("vector", text)
	case 1:
		return shape.Parse("gemv", text)
	case 2:
		return shape.Parse("matmul", text)
	}
	return shape.Shape{}, errors.New("more than three sizes")
}

// Dims are the sizes of a struct's shape in the order in which they were written.
func (s Signature) Dims() []int64 {
	var dims []int64
	for _, n := range []int{s.Shape.M, s.Shape.N, s.Shape.K} {
		if n > 0 {
			dims = append(dims, int64(n))
		}
	}
	return dims
}

// String is the signature as Parse reads it.
func (s Signature) String() string { return s.Name + ":" + s.Shape.String() }

// MaxThreads is how many threads can share a call: a plain function knows nothing of workers.
func (s Signature) MaxThreads() int {
	if s.Form == Struct {
		return 1 << 10
	}
	return 1
}

func example(e entry) string {
	if e.form == Struct {
		return "1024x512"
	}
	form := shape.Form(e.parse)
	if _, after, found := strings.Cut(form, "e.g. "); found {
		form, _, _ = strings.Cut(after, " ")
	}
	return form
}

func typeList(list []kernels.DType) string {
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = string(d)
	}
	return strings.Join(names, ", ")
}

// MarshalText writes the signature as Parse reads it.
func (s Signature) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Signature) UnmarshalText(text []byte) (err error) {
	const longest = 200
	if len(text) > longest {
		return errors.New("parse signature: " + strconv.Itoa(len(text)) + " characters are too many")
	}
	*s, err = Parse(string(text))
	return err
}
