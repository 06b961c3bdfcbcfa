#!/bin/sh
# Regenerates every assembly file of the project; one line per program.
set -eu
cd "$(dirname "$0")"
go run ./matmul -out ../zz_matmul_amd64.s -stubs ../zz_matmul_amd64.go -pkg asm
go run ./inplace -out ../zz_inplace_amd64.s -stubs ../zz_inplace_amd64.go -pkg asm
go run ./narrow -out ../zz_narrow_amd64.s -stubs ../zz_narrow_amd64.go -pkg asm
go run ./stream -out ../zz_stream_amd64.s -stubs ../zz_stream_amd64.go -pkg asm
go run ./attention -out ../zz_attention_amd64.s -stubs ../zz_attention_amd64.go -pkg asm
go run ./decode -out ../zz_decode_amd64.s -stubs ../zz_decode_amd64.go -pkg asm
go run ./ceilings -out ../zz_ceilings_amd64.s -stubs ../zz_ceilings_amd64.go -pkg asm
go run ./probes -out ../../../cache/zz_probes_amd64.s -stubs ../../../cache/zz_probes_amd64.go -pkg cache
go run ./known -out ../../../perf/known/zz_known_amd64.s -stubs ../../../perf/known/zz_known_amd64.go -pkg known
