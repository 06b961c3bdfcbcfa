/* Four rows of C at a time, walked along the rows of B: each element of B that is loaded is used four times, and the inner
 * loop has no sum to wait for. */
#include <string.h>

void my_sgemm(int layout, int transA, int transB, int m, int n, int k, float alpha, const float *A, int lda,
	      const float *B, int ldb, float beta, float *C, int ldc) {
	(void)layout, (void)transA, (void)transB;
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++)
			C[i * ldc + j] = beta != 0 ? beta * C[i * ldc + j] : 0;
	int i = 0;
	for (; i + 4 <= m; i += 4) {
		float *restrict c0 = C + i * ldc, *restrict c1 = c0 + ldc, *restrict c2 = c1 + ldc, *restrict c3 = c2 + ldc;
		for (int p = 0; p < k; p++) {
			const float *a = A + i * lda + p, *b = B + p * ldb;
			float x0 = alpha * a[0], x1 = alpha * a[lda], x2 = alpha * a[2 * lda], x3 = alpha * a[3 * lda];
			for (int j = 0; j < n; j++) {
				c0[j] += x0 * b[j];
				c1[j] += x1 * b[j];
				c2[j] += x2 * b[j];
				c3[j] += x3 * b[j];
			}
		}
	}
	for (; i < m; i++)
		for (int p = 0; p < k; p++) {
			float x = alpha * A[i * lda + p];
			for (int j = 0; j < n; j++)
				C[i * ldc + j] += x * B[p * ldb + j];
		}
}
