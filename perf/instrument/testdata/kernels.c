// Kernels of known work for the tests, compiled by gcc at several levels. Without -ffast-math every element is computed by the
// operations written here, however the loops are vectorized.
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT double dot(const double *a, const double *b, long n) {
  double s = 0;
  for (long i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}

EXPORT void axpy(float *restrict y, const float *restrict x, float a, long n) {
  for (long i = 0; i < n; i++) y[i] = a * x[i] + y[i];
}

EXPORT void matmul(double *restrict c, const double *restrict a, const double *restrict b, long n) {
  for (long i = 0; i < n; i++)
    for (long k = 0; k < n; k++)
      for (long j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
}

EXPORT void spmv(float *restrict y, const float *v, const int32_t *col, const int32_t *row, const float *x, long rows) {
  for (long i = 0; i < rows; i++) {
    float s = 0;
    for (long k = row[i]; k < row[i + 1]; k++) s += v[k] * x[col[k]];
    y[i] = s;
  }
}

// Where the condition holds: one multiplication and one addition.
EXPORT void where(float *restrict y, const float *restrict x, long n) {
  for (long i = 0; i < n; i++)
    if (x[i] > 0.5f) y[i] = y[i] * 2.0f + x[i];
}

static __attribute__((noinline)) double helper(const double *a, long n, double w) {
  double s = w;
  for (long i = 0; i < n; i++) s += a[i] * w;
  return s;
}

EXPORT double calls(const double *a, long m, long n) {
  double r = 0;
  for (long i = 0; i < m; i++) r += helper(a + i * n, n, 1.0 + (double)i);
  return r;
}

static __attribute__((noinline)) long fib(long n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
EXPORT long recursion(long n) { return fib(n); }

EXPORT int32_t switches(const int32_t *p, long n) {
  uint32_t r = 0;
  for (long i = 0; i < n; i++) switch (p[i]) {
      case 0: r += 3; break;
      case 1: r ^= 9; break;
      case 2: r *= 7; break;
      case 3: r -= 11; break;
      case 4: r |= 32; break;
      case 5: r += (uint32_t)i; break;
      case 6: r = ~r; break;
      case 7: r = r << 3 | r >> 29; break;
      default: r++;
    }
  return (int32_t)r;
}

EXPORT double manyargs(long a, long b, long c, long d, long e, long f, long g, long h, double x, double y) {
  return (double)(a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h) * x + y;
}

#ifdef __AVX512FP16__
EXPORT void half(_Float16 *restrict y, const _Float16 *restrict x, _Float16 a, long n) {
  for (long i = 0; i < n; i++) y[i] = a * x[i] + y[i];
}
#endif

#ifdef __AMX_BF16__
#include <immintrin.h>
EXPORT void tiles(float *c, const uint16_t *a, const uint16_t *b, const void *config, long k) {
  _tile_loadconfig(config);
  _tile_zero(0);
  for (long i = 0; i < k; i++) {
    _tile_loadd(1, a + 512 * i, 64);
    _tile_loadd(2, b + 512 * i, 64);
    _tile_dpbf16ps(0, 1, 2);
  }
  _tile_stored(0, c, 64);
  _tile_release();
}
#endif
