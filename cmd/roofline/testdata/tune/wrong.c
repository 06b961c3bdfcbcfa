/* Forgets the last product of every sum. */
void my_sgemm(int layout, int transA, int transB, int m, int n, int k, float alpha, const float *A, int lda,
	      const float *B, int ldb, float beta, float *C, int ldc) {
	(void)layout, (void)transA, (void)transB;
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++) {
			float sum = 0;
			for (int p = 0; p < k - 1; p++)
				sum += A[i * lda + p] * B[p * ldb + j];
			C[i * ldc + j] = alpha * sum + (beta != 0 ? beta * C[i * ldc + j] : 0);
		}
}
