/* Never returns. */
void my_sgemm(int layout, int transA, int transB, int m, int n, int k, float alpha, const float *A, int lda,
	      const float *B, int ldb, float beta, float *C, int ldc) {
	(void)layout, (void)transA, (void)transB, (void)m, (void)n, (void)k, (void)alpha, (void)A, (void)lda, (void)B, (void)ldb,
		(void)beta, (void)C, (void)ldc;
	for (volatile int i = 0;;)
		i++;
}
