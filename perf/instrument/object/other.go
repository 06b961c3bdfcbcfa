//go:build !amd64

package object

import "errors"

var errOther = errors.New("load object: only x86-64 code can be instrumented")

// Load refuses: this processor is of another architecture.
func Load(string) (*Object, error) { return nil, errOther }

// Close does nothing.
func (o *Object) Close() {}

// Code gives nothing.
func (o *Object) Code(uint64) []byte { return nil }

// Notes are none.
func (o *Object) Notes(uint64) []string { return nil }

func (o *Object) chosen(*image, string, uint64) (Symbol, error) { return Symbol{}, errOther }

// Native is a prepared call.
type Native struct{}

// NewNative refuses.
func NewNative(uint64, []uint64, []uint64) (*Native, error) { return nil, errOther }

// Close does nothing.
func (n *Native) Close() {}

// Run does nothing.
func (n *Native) Run() {}

// Results are none.
func (n *Native) Results() (rax, xmm0 uint64) { return 0, 0 }
