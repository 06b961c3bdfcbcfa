// Kernels with one planted fault each, and some without any. How each is compiled stands in the test.
#include <immintrin.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma")))

// Arithmetic for each element: what is slow about it depends on how it is compiled.
EXPORT void polynomial(float *restrict y, const float *restrict x, long n) {
  for (long i = 0; i < n; i++) {
    float v = x[i], s = 0.5f;
    s = s * v + 0.25f, s = s * v + 0.125f, s = s * v + 0.0625f, s = s * v + 1.5f;
    s = s * v + 2.5f, s = s * v + 3.5f, s = s * v + 4.5f, s = s * v + 5.5f;
    y[i] = s;
  }
}

// Rows that are a little longer than a vector.
EXPORT void short_rows(float *restrict y, const float *restrict x, long rows) {
  for (long r = 0; r < rows; r++) polynomial(y + 23 * r, x + 23 * r, 23);
}

EXPORT float sum_of_products(const float *a, const float *b, long n) {
  float s = 0;
  for (long i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}

EXPORT long chase(const int64_t *next, long mask, long n) {
  long x = 0;
  for (long i = 0; i < n; i++) x = (next[x] + 4099) & mask;
  return x;
}

EXPORT void columns(float *restrict s, const float *restrict a, long rows, long cols) {
  for (long j = 0; j < cols; j++)
    for (long i = 0; i + 4 <= rows; i += 4) {
      const float *c = a + i * cols + j;
      s[j] += (c[0] + c[cols]) + (c[2 * cols] + c[3 * cols]);
    }
}

// 64 rows of 4096 bytes, the first four of each, again and again.
EXPORT float rows_of_a_page(const float *a, long times) {
  float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
  for (long t = 0; t < times; t++)
    for (long i = 0; i < 64; i += 8) {
      s0 += a[i * 1024], s1 += a[(i + 1) * 1024], s2 += a[(i + 2) * 1024], s3 += a[(i + 3) * 1024];
      s4 += a[(i + 4) * 1024], s5 += a[(i + 5) * 1024], s6 += a[(i + 6) * 1024], s7 += a[(i + 7) * 1024];
    }
  return s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
}

EXPORT void scale(float *restrict y, const float *restrict x, long n) {
  for (long i = 0; i < n; i++) y[i] = 3.0f * x[i];
}

// Streams the whole of b for each row of a.
EXPORT void unblocked(float *restrict c, const float *restrict a, const float *restrict b, long n) {
  for (long i = 0; i < n; i++)
    for (long k = 0; k < n; k++)
      for (long j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
}

EXPORT void quotients(float *restrict y, const float *restrict x, long n) {
  for (long i = 0; i < n; i++) y[i] = 1.5f / x[i];
}

EXPORT void halves(int16_t *restrict y, const int16_t *restrict x, long n) {
  for (long i = 0; i < n; i++) y[i] = (int16_t)(0.5f * (float)x[i]);
}

EXPORT AVX512 float gathered(const float *x, const int32_t *index, long n) {
  __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  for (long i = 0; i + 64 <= n; i += 64) {
    s0 = _mm512_add_ps(s0, _mm512_i32gather_ps(_mm512_loadu_si512(index + i), x, 4));
    s1 = _mm512_add_ps(s1, _mm512_i32gather_ps(_mm512_loadu_si512(index + i + 16), x, 4));
    s2 = _mm512_add_ps(s2, _mm512_i32gather_ps(_mm512_loadu_si512(index + i + 32), x, 4));
    s3 = _mm512_add_ps(s3, _mm512_i32gather_ps(_mm512_loadu_si512(index + i + 48), x, 4));
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
}

// A sum with four accumulators, from an address that is aligned or not.
EXPORT AVX512 float sum_from(const float *a, long offset, long n) {
  __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  a += offset;
  for (long i = 0; i + 64 <= n; i += 64) {
    s0 = _mm512_add_ps(s0, _mm512_loadu_ps(a + i));
    s1 = _mm512_add_ps(s1, _mm512_loadu_ps(a + i + 16));
    s2 = _mm512_add_ps(s2, _mm512_loadu_ps(a + i + 32));
    s3 = _mm512_add_ps(s3, _mm512_loadu_ps(a + i + 48));
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
}

// Horner's rule on vectors of which only the lanes of a mask are on; four chains at a time.
EXPORT AVX512 void masked(float *restrict y, const float *restrict x, long lanes, long n) {
  const __mmask16 k = (__mmask16)((1u << lanes) - 1);
  const __m512 c = _mm512_set1_ps(0.5f);
  for (long i = 0; i + 64 <= n; i += 64) {
    __m512 v0 = _mm512_maskz_loadu_ps(k, x + i), v1 = _mm512_maskz_loadu_ps(k, x + i + 16);
    __m512 v2 = _mm512_maskz_loadu_ps(k, x + i + 32), v3 = _mm512_maskz_loadu_ps(k, x + i + 48);
    __m512 s0 = c, s1 = c, s2 = c, s3 = c;
    for (int j = 0; j < 16; j++) {
      s0 = _mm512_maskz_fmadd_ps(k, s0, v0, c), s1 = _mm512_maskz_fmadd_ps(k, s1, v1, c);
      s2 = _mm512_maskz_fmadd_ps(k, s2, v2, c), s3 = _mm512_maskz_fmadd_ps(k, s3, v3, c);
    }
    _mm512_mask_storeu_ps(y + i, k, s0), _mm512_mask_storeu_ps(y + i + 16, k, s1);
    _mm512_mask_storeu_ps(y + i + 32, k, s2), _mm512_mask_storeu_ps(y + i + 48, k, s3);
  }
}
