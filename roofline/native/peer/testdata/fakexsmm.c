/* A library that looks like libxsmm: matrices by columns, every argument through a pointer. */
#include <stdlib.h>

#define GEMM(name, T) \
	void name(const char *transa, const char *transb, const int *m, const int *n, const int *k, const T *alpha, const T *a, \
			const int *lda, const T *b, const int *ldb, const T *beta, T *c, const int *ldc) { \
		if (*transa != 'N' || *transb != 'N' || *alpha != 1 || *beta != 0) \
			abort(); \
		for (int j = 0; j < *n; j++) \
			for (int i = 0; i < *m; i++) { \
				T sum = 0; \
				for (int q = 0; q < *k; q++) \
					sum += a[i + q * *lda] * b[q + j * *ldb]; \
				c[i + j * *ldc] = sum; \
			} \
	}

GEMM(libxsmm_sgemm, float)
GEMM(libxsmm_dgemm, double)

const char *libxsmm_get_target_arch(void) {
	const char *target = getenv("LIBXSMM_TARGET");
	return target ? target : "own";
}
