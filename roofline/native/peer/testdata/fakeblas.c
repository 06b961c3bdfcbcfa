/* A library that looks like OpenBLAS. What OPENBLAS_CORETYPE says decides how it behaves:
 *
 *   none, SkylakeX   right, and slow
 *   Nehalem          not heeded
 *   Haswell          right, and faster
 *   Zen              fastest, and wrong
 *   others           crash when they are called
 */
#include <stdlib.h>
#include <string.h>

static const char *core(void) {
	const char *name = getenv("OPENBLAS_CORETYPE");
	return name && strcmp(name, "Nehalem") ? name : "SkylakeX";
}

char *openblas_get_config(void) {
	static char text[64] = "OpenBLAS 9.8.7 fake threads=";
	const char *threads = getenv("OPENBLAS_NUM_THREADS");
	strcpy(text + 28, threads ? threads : "?");
	return text;
}

char *openblas_get_corename(void) { return (char *)core(); }

void cblas_sgemm(int layout, int transA, int transB, int m, int n, int k, float alpha, const float *A, int lda, const float *B,
		int ldb, float beta, float *C, int ldc) {
	int times = 1, wrong = 0;
	if (layout != 101 || transA != 111 || transB != 111 || beta != 0)
		abort();
	if (!strcmp(core(), "SkylakeX"))
		times = 12;
	else if (!strcmp(core(), "Haswell"))
		times = 4;
	else if (!strcmp(core(), "Zen"))
		wrong = 1;
	else
		*(volatile int *)8 = 0;
	for (int t = 0; t < times; t++)
		for (int i = 0; i < m; i++)
			for (int j = 0; j < n; j++) {
				float sum = 0;
				for (int q = 0; q < k; q++)
					sum += A[i * lda + q] * B[q * ldb + j];
				*(volatile float *)&C[i * ldc + j] = alpha * sum + (wrong && i == m - 1 ? 1 : 0);
			}
}
