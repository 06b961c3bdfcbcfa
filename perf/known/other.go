//go:build !amd64 && !arm64

package known

var (
	computes          []compute
	streams           []stream
	flushes           []flushed
	chase, flushChase chain
)
