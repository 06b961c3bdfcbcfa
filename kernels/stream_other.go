//go:build !amd64

package kernels

// Without assembly these kernels stand in the registry, with their work, but cannot be built: their Needs fail.
var (
	avx2VectorsF32, avx512VectorsF32 vectors[float32]
	avx2VectorsF64, avx512VectorsF64 vectors[float64]
)

// storeFence follows stores past the caches, of which there are none here.
func storeFence() {}
