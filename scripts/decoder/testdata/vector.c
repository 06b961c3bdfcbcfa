// Loops that a compiler turns into vector code of every kind: half, single and double precision, conversions, masks, gathers,
// integer dot products.
#include <stddef.h>
#include <stdint.h>

#ifdef __AVX512FP16__
typedef _Float16 half;
void half_axpy(half *y, const half *x, half a, size_t n) { for (size_t i = 0; i < n; i++) y[i] += a * x[i]; }
half half_dot(const half *x, const half *y, size_t n) { half s = 0; for (size_t i = 0; i < n; i++) s += x[i] * y[i]; return s; }
void half_widen(float *y, const half *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = x[i]; }
void half_narrow(half *y, const double *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = x[i]; }
void half_int(int16_t *y, const half *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = x[i]; }
void half_uint(half *y, const uint32_t *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = x[i]; }
void half_select(half *y, const half *x, size_t n) { for (size_t i = 0; i < n; i++) if (x[i] > y[i]) y[i] = x[i] / y[i]; }
half half_scalar(half a, half b, half c, int n) { return a * b - c / (half)n + __builtin_sqrtf16(a); }
#endif

void axpy(float *y, const float *x, float a, size_t n) { for (size_t i = 0; i < n; i++) y[i] += a * x[i]; }
void masked(double *y, const double *x, size_t n) { for (size_t i = 0; i < n; i++) if (x[i] > 0) y[i] = x[i] * y[i] + 1; }
void gather(float *y, const float *x, const int32_t *at, size_t n) { for (size_t i = 0; i < n; i++) y[i] = x[at[i]]; }
void scatter(double *y, const double *x, const int64_t *at, size_t n) { for (size_t i = 0; i < n; i++) y[at[i]] = x[i]; }
int32_t dot_int8(const uint8_t *x, const int8_t *y, size_t n) { int32_t s = 0; for (size_t i = 0; i < n; i++) s += x[i] * y[i]; return s; }
int32_t dot_int16(const int16_t *x, const int16_t *y, size_t n) { int32_t s = 0; for (size_t i = 0; i < n; i++) s += x[i] * y[i]; return s; }
void convert(int64_t *y, const double *x, size_t n) { for (size_t i = 0; i < n; i++) y[i] = x[i]; }
void popcount(uint64_t *y, size_t n) { for (size_t i = 0; i < n; i++) y[i] = __builtin_popcountll(y[i]); }
void matmul(float *c, const float *a, const float *b, int n) {
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			for (int j = 0; j < n; j++)
				c[i * n + j] += a[i * n + k] * b[k * n + j];
}
