// Six steps from a textbook matmul to the roof, each a function of its own: C = A·B, row-major, f32.
// docs/tutorial.md walks through them. Sizes: m a multiple of 12, n of 32, k any.
#include <immintrin.h>
#include <string.h>

// Step 1: the textbook. Walks B by column: of every line that is fetched, one float is used.
void step1(const float *A, const float *B, float *C, int m, int n, int k) {
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++) {
			float sum = 0;
			for (int p = 0; p < k; p++)
				sum += A[i * k + p] * B[p * n + j];
			C[i * n + j] = sum;
		}
}

// Step 2: the loops in another order. B and C are walked by row, and the compiler makes vectors of the inner loop.
void step2(const float *A, const float *B, float *restrict C, int m, int n, int k) {
	memset(C, 0, sizeof(float) * m * n);
	for (int i = 0; i < m; i++)
		for (int p = 0; p < k; p++) {
			float a = A[i * k + p];
			for (int j = 0; j < n; j++)
				C[i * n + j] += a * B[p * n + j];
		}
}

// tile computes a tile of C, rows × 16·vectors, and keeps it in registers over k values: C = A·B, or C += A·B when add is set.
static inline __attribute__((always_inline)) void tile(int rows, int vectors, const float *A, long lda, const float *B, long ldb, float *C, long ldc, int k, int add) {
	__m512 c[12][2], b[2];
	for (int i = 0; i < rows; i++)
		for (int v = 0; v < vectors; v++)
			c[i][v] = add ? _mm512_loadu_ps(C + i * ldc + 16 * v) : _mm512_setzero_ps();
	for (int p = 0; p < k; p++) {
		for (int v = 0; v < vectors; v++)
			b[v] = _mm512_loadu_ps(B + p * ldb + 16 * v);
#pragma GCC unroll 12
		for (int i = 0; i < rows; i++)
			for (int v = 0; v < vectors; v++)
				c[i][v] = _mm512_fmadd_ps(_mm512_set1_ps(A[i * lda + p]), b[v], c[i][v]);
	}
	for (int i = 0; i < rows; i++)
		for (int v = 0; v < vectors; v++)
			_mm512_storeu_ps(C + i * ldc + 16 * v, c[i][v]);
}

// Step 3: C in registers, 4 rows of one vector: a value of B serves four products, C is not touched in the inner loop.
void step3(const float *A, const float *B, float *C, int m, int n, int k) {
	for (int j = 0; j < n; j += 16)
		for (int i = 0; i < m; i += 4)
			tile(4, 1, A + i * k, k, B + j, n, C + i * n + j, n, k, 0);
}

// Step 4: a larger tile, 12 rows of 2 vectors: 24 of the 32 registers hold C, and 14 loads serve 24 products.
void step4(const float *A, const float *B, float *C, int m, int n, int k) {
	for (int j = 0; j < n; j += 32)
		for (int i = 0; i < m; i += 12)
			tile(12, 2, A + i * k, k, B + j, n, C + i * n + j, n, k, 0);
}

// Step 5: the columns of B that a tile reads are copied side by side, once for all rows of A.
void step5(const float *A, const float *B, float *C, int m, int n, int k) {
	static float panel[32 * 4096] __attribute__((aligned(64)));
	for (int j = 0; j < n; j += 32) {
		for (int p = 0; p < k; p++)
			memcpy(panel + 32 * p, B + p * n + j, 32 * sizeof(float));
		for (int i = 0; i < m; i += 12)
			tile(12, 2, A + i * k, k, panel, 32, C + i * n + j, n, k, 0);
	}
}

// Step 6: blocks of A that stay in L2 meet all of B, which was copied once: A comes from memory once, B once for every block.
void step6(const float *A, const float *B, float *C, int m, int n, int k) {
	enum { BLOCK = 96 }; // rows of A
	static float panels[2048 * 2048] __attribute__((aligned(64)));
	for (int p = 0; p < k; p++)
		for (int j = 0; j < n; j += 32)
			memcpy(panels + j * k + 32 * p, B + p * n + j, 32 * sizeof(float));
	for (int r = 0; r < m; r += BLOCK)
		for (int j = 0; j < n; j += 32)
			for (int i = r; i < m && i < r + BLOCK; i += 12)
				tile(12, 2, A + i * k, k, panels + j * k, 32, C + i * n + j, n, k, 0);
}
