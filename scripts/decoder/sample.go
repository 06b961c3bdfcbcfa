package main

import (
	"github.com/roofline-go/roofline/perf/instrument/decode"
	"github.com/roofline-go/roofline/perf/instrument/decode/objdump"
)

type sample struct{}

func newSample() *sample                              { return &sample{} }
func (s *sample) add(l objdump.Line, in *decode.Inst) {}
func (s *sample) write(string) error                  { return nil }
