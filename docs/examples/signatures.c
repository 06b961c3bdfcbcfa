/* One plain function for every signature of roofline tune --as and roofline compare --as: what is called how, and what it
 * must compute. docs/tune.md lists them.
 *
 *     cc -O2 -shared -fPIC -o libsignatures.so signatures.c -lm
 *     roofline tune --object libsignatures.so --function my_sgemm --as sgemm:256x256x256 --once
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* --as sgemm:MxNxK: the arguments of cblas_sgemm. roofline calls it row-major, without transposition, alpha 1, beta 0. */
void my_sgemm(int layout, int transA, int transB, int m, int n, int k, float alpha, const float *A, int lda,
	      const float *B, int ldb, float beta, float *C, int ldc) {
	(void)layout, (void)transA, (void)transB;
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++) {
			float sum = 0;
			for (int p = 0; p < k; p++)
				sum += A[i * lda + p] * B[p * ldb + j];
			C[i * ldc + j] = alpha * sum + (beta != 0 ? beta * C[i * ldc + j] : 0);
		}
}

/* --as dgemm:MxNxK */
void my_dgemm(int layout, int transA, int transB, int m, int n, int k, double alpha, const double *A, int lda,
	      const double *B, int ldb, double beta, double *C, int ldc) {
	(void)layout, (void)transA, (void)transB;
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++) {
			double sum = 0;
			for (int p = 0; p < k; p++)
				sum += A[i * lda + p] * B[p * ldb + j];
			C[i * ldc + j] = alpha * sum + (beta != 0 ? beta * C[i * ldc + j] : 0);
		}
}

#define MATMUL(name, T, U, load)                                                                                       \
	void name(const T *A, const T *B, U *C, int m, int n, int k) {                                                 \
		for (int i = 0; i < m; i++)                                                                            \
			for (int j = 0; j < n; j++) {                                                                  \
				U sum = 0;                                                                             \
				for (int p = 0; p < k; p++)                                                            \
					sum += load(A[i * k + p]) * load(B[p * n + j]);                                \
				C[i * n + j] = sum;                                                                    \
			}                                                                                              \
	}

static float from_bf16(uint16_t h) {
	uint32_t bits = (uint32_t)h << 16;
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

static float from_f16(uint16_t h) { /* normal numbers and 0, which is all that roofline gives */
	uint32_t bits = (uint32_t)(h & 0x8000) << 16;
	if (h & 0x7fff)
		bits |= ((uint32_t)(h & 0x7fff) << 13) + (112u << 23);
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

/* --as matmul/f32:MxNxK, and so on: row-major without padding, C = A·B. Narrow types are summed in a wider one. */
MATMUL(matmul_f32, float, float, )
MATMUL(matmul_f64, double, double, )
MATMUL(matmul_f16, uint16_t, float, from_f16)
MATMUL(matmul_bf16, uint16_t, float, from_bf16)
MATMUL(matmul_int8, int8_t, int32_t, )

/* --as attention:h=2,q=64,kv=64,d=32[,causal]: o = softmax(q·kᵀ/√d)·v, operands [head][row][d]. A causal query i sees the
 * keys up to i + keys − queries. */
void attention(const float *q, const float *k, const float *v, float *o, int heads, int queries, int keys, int d,
	       int causal) {
	float *w = malloc(sizeof *w * keys);
	for (int h = 0; h < heads; h++)
		for (int i = 0; i < queries; i++) {
			const float *row = q + ((long)h * queries + i) * d;
			float *out = o + ((long)h * queries + i) * d;
			int seen = causal ? i + 1 + keys - queries : keys;
			float top = -INFINITY, total = 0;
			for (int j = 0; j < seen; j++) {
				float sum = 0;
				for (int c = 0; c < d; c++)
					sum += row[c] * k[((long)h * keys + j) * d + c];
				w[j] = sum / sqrtf((float)d);
				top = fmaxf(top, w[j]);
			}
			memset(out, 0, sizeof *out * d);
			for (int j = 0; j < seen; j++) {
				w[j] = expf(w[j] - top);
				total += w[j];
				for (int c = 0; c < d; c++)
					out[c] += w[j] * v[((long)h * keys + j) * d + c];
			}
			for (int c = 0; c < d; c++)
				out[c] /= total;
		}
	free(w);
}

#define VECTORS(T, suffix)                                                                                             \
	void axpy_##suffix(long n, T a, const T *x, T *y) { /* --as axpy/f32:N */                                      \
		for (long i = 0; i < n; i++)                                                                           \
			y[i] += a * x[i];                                                                              \
	}                                                                                                              \
	void triad_##suffix(long n, T s, const T *b, const T *c, T *a) { /* --as triad/f32:N */                        \
		for (long i = 0; i < n; i++)                                                                           \
			a[i] = b[i] + s * c[i];                                                                        \
	}                                                                                                              \
	T dot_##suffix(long n, const T *x, const T *y) { /* --as dot/f32:N */                                          \
		T sum = 0;                                                                                             \
		for (long i = 0; i < n; i++)                                                                           \
			sum += x[i] * y[i];                                                                            \
		return sum;                                                                                            \
	}                                                                                                              \
	void copy_##suffix(long n, const T *src, T *dst) { /* --as copy/f32:N */                                       \
		memcpy(dst, src, n * sizeof *dst);                                                                     \
	}

VECTORS(float, f32)
VECTORS(double, f64)
