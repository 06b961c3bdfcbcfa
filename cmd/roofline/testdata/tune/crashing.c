/* Writes on and on. */
void my_sgemm(int layout, int transA, int transB, int m, int n, int k, float alpha, const float *A, int lda,
	      const float *B, int ldb, float beta, float *C, int ldc) {
	(void)layout, (void)transA, (void)transB, (void)m, (void)n, (void)k, (void)alpha, (void)A, (void)lda, (void)B, (void)ldb,
		(void)beta, (void)ldc;
	for (volatile float *c = C;; c++)
		*c = 0;
}
