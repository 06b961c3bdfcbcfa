package flops

import "github.com/roofline-go/roofline/perf/instrument/decode"

type Op struct{}

func (o Op) Counted() bool { return false }

func Of(in *decode.Inst) Op { return Op{} }
