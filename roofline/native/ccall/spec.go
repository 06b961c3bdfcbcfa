package ccall

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/roofline-go/roofline/internal/units"
	"github.com/roofline-go/roofline/perf/instrument/object"
	"github.com/roofline-go/roofline/roofline/native"
)

// Spec says which function to call how. Exactly one of As and Signature is used: As if it is not empty.
type Spec struct {
	Object    string `json:"object"`
	Function  string `json:"function"`
	As        string `json:"as,omitempty"`        // see native.Parse
	Signature string `json:"signature,omitempty"` // see Parse
}

// Check refuses what cannot be measured, before anything is.
func (s Spec) Check() error {
	if s.As == "" {
		_, err := Parse(s.Signature)
		return err
	}
	if s.Signature != "" {
		return errors.New("--as and --signature both say how the function is called; use one of them")
	}
	known, err := native.Parse(s.As)
	if err != nil {
		return err
	}
	if known.Form == native.Struct {
		return fmt.Errorf("--as %s: a struct roofline_kernel is measured by roofline tune; here name its run function with --signature", s.As)
	}
	return nil
}

// CheckMemory says when the operands of s, which Check has accepted, do not fit in available bytes (0: unknown, everything fits).
func (s Spec) CheckMemory(available int64) error {
	if s.As != "" {
		known, err := native.Parse(s.As)
		if err != nil {
			return err
		}
		return known.CheckMemory(available)
	}
	described, err := Parse(s.Signature)
	if need := described.Bytes(); err == nil && available > 0 && need > available {
		err = fmt.Errorf("--signature: the arrays need %s of memory and %s are available (use smaller ones)", units.Bytes(need), units.Bytes(available))
	}
	return err
}

// Find says whether the object has the function, without loading it.
func (s Spec) Find() error {
	if err := object.Find(s.Object, s.Function); err != nil {
		return fmt.Errorf("measure %s: %w", s.ID(), err)
	}
	return nil
}

// ID names the function in messages.
func (s Spec) ID() string { return s.Function + " of " + filepath.Base(s.Object) }
