#!/bin/sh
# Generates every assembly file of the project, one line per program, into a tree like the repository's: generate.sh DIR. Without DIR
# it is the repository. The files name the command that made them, so that the paths do not depend on DIR.
set -eu
gen=$(cd "$(dirname "$0")" && pwd)
tree=${1:-$gen/../../..}
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
(cd "$gen" && go build -o "$bin/" ./matmul ./inplace ./narrow ./stream ./attention ./decode ./ceilings ./probes ./known)
mkdir -p "$tree/kernels/asm/_gen"
cd "$tree/kernels/asm/_gen"
"$bin/matmul" -out ../zz_matmul_amd64.s -stubs ../zz_matmul_amd64.go -pkg asm
"$bin/inplace" -out ../zz_inplace_amd64.s -stubs ../zz_inplace_amd64.go -pkg asm -list ../zz_inplace_list_amd64.go
"$bin/narrow" -out ../zz_narrow_amd64.s -stubs ../zz_narrow_amd64.go -pkg asm
"$bin/stream" -out ../zz_stream_amd64.s -stubs ../zz_stream_amd64.go -pkg asm
"$bin/attention" -out ../zz_attention_amd64.s -stubs ../zz_attention_amd64.go -pkg asm
"$bin/decode" -out ../zz_decode_amd64.s -stubs ../zz_decode_amd64.go -pkg asm
"$bin/ceilings" -out ../zz_ceilings_amd64.s -stubs ../zz_ceilings_amd64.go -pkg asm
"$bin/probes" -out ../../../cache/zz_probes_amd64.s -stubs ../../../cache/zz_probes_amd64.go -pkg cache
"$bin/known" -out ../../../perf/known/zz_known_amd64.s -stubs ../../../perf/known/zz_known_amd64.go -pkg known
