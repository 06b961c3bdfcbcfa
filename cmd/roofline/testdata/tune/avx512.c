/* A tile of 6 rows and 32 columns of C stays in registers while its rows of A and columns of B stream by. */
#include <immintrin.h>

__attribute__((target("avx512f"))) static void tile(int rows, int cols, int k, float alpha, const float *A, int lda,
						     const float *B, int ldb, float beta, float *C, int ldc) {
	__mmask16 m0 = cols >= 16 ? 0xffff : (1u << cols) - 1;
	__mmask16 m1 = cols >= 32 ? 0xffff : cols > 16 ? (1u << (cols - 16)) - 1 : 0;
	__m512 c[6][2];
#pragma GCC unroll 6
	for (int r = 0; r < 6; r++)
		c[r][0] = c[r][1] = _mm512_setzero_ps();
	const float *a[6];
#pragma GCC unroll 6
	for (int r = 0; r < 6; r++)
		a[r] = A + (r < rows ? r : 0) * lda;
	for (int p = 0; p < k; p++) {
		__m512 b0 = _mm512_maskz_loadu_ps(m0, B + p * ldb), b1 = _mm512_maskz_loadu_ps(m1, B + p * ldb + 16);
#pragma GCC unroll 6
		for (int r = 0; r < 6; r++) {
			__m512 x = _mm512_set1_ps(a[r][p]);
			c[r][0] = _mm512_fmadd_ps(x, b0, c[r][0]);
			c[r][1] = _mm512_fmadd_ps(x, b1, c[r][1]);
		}
	}
#pragma GCC unroll 6
	for (int r = 0; r < 6; r++)
#pragma GCC unroll 2
		for (int h = 0; h < 2; h++) {
			if (r >= rows)
				break;
			float *to = C + r * ldc + 16 * h;
			__mmask16 mask = h ? m1 : m0;
			__m512 v = _mm512_mul_ps(c[r][h], _mm512_set1_ps(alpha));
			if (beta != 0)
				v = _mm512_fmadd_ps(_mm512_set1_ps(beta), _mm512_maskz_loadu_ps(mask, to), v);
			_mm512_mask_storeu_ps(to, mask, v);
		}
}

void my_sgemm(int layout, int transA, int transB, int m, int n, int k, float alpha, const float *A, int lda,
	      const float *B, int ldb, float beta, float *C, int ldc) {
	(void)layout, (void)transA, (void)transB;
	for (int j = 0; j < n; j += 32)
		for (int i = 0; i < m; i += 6)
			tile(m - i < 6 ? m - i : 6, n - j < 32 ? n - j : 32, k, alpha, A + i * lda, lda, B + j, ldb, beta,
			     C + i * ldc + j, ldc);
}
