// Functions of known work. Compiled without -ffast-math every element is computed by the operations written here, however the
// loops are vectorized; contraction to fused multiply-adds keeps their number.
#include <math.h>
#include <stdio.h>
#include <string.h>

void triad(float *restrict a, const float *b, const float *c, float s, long n) {
  for (long i = 0; i < n; i++) a[i] = b[i] + s * c[i];
}

// 10 operations an element; the coefficients are in .rodata.
static const double coefficients[6] = {0.5, 1.25, 2, 3.75, 4.5, 5};
void horner(double *restrict y, const double *x, long n) {
  for (long i = 0; i < n; i++) {
    double r = coefficients[0];
    for (int k = 1; k < 6; k++) r = r * x[i] + coefficients[k];
    y[i] = r;
  }
}

// 2 operations an element in a local function, and one a row here.
static __attribute__((noinline)) float row(const float *a, const float *x, long n) {
  float s = 0;
  for (long i = 0; i < n; i++) s += a[i] * x[i];
  return s;
}
void rows(const float *a, const float *x, float *y, int m, int n) {
  for (int i = 0; i < m; i++) y[i] += row(a + (long)i * n, x, n);
}

// By codes 0 … 7: 1, 2, 1, 3, 0, 1, 2, 4 operations.
void codes(const int *code, double *y, long n) {
  for (long i = 0; i < n; i++) {
    double v = y[i];
    switch (code[i]) {
    case 0: v = v + 1; break;
    case 1: v = v * 3 + 1; break;
    case 2: v = v * 5; break;
    case 3: v = (v + 1) * v - 7; break;
    case 4: break;
    case 5: v = 1 / v; break;
    case 6: v = v / 3 - v; break;
    case 7: v = v * v / (v + 2) - 1; break;
    default: __builtin_unreachable();
    }
    y[i] = v;
  }
}

// Functions by their addresses, which are in a table that the linker relocates: 1 and 2 operations.
static void add1(double *x) { *x += 1; }
static void scale1(double *x) { *x = *x * 2 - 1; }
void (*const table[])(double *) = {add1, scale1};
void indirect(const int *which, double *x, long n) {
  for (long i = 0; i < n; i++) table[which[i]](x + i);
}

// The stack protector compares a word that it reads by way of FS.
__attribute__((noinline)) static float sum(volatile float *p, int n) {
  float s = 0;
  for (int i = 0; i < n; i++) s += p[i];
  return s;
}
__attribute__((optimize("stack-protector-all"))) void guarded(float *a, long n) {
  for (long i = 0; i < n; i++) {
    volatile float words[8];
    for (int k = 0; k < 8; k++) words[k] = a[i];
    a[i] = sum(words, 8);
  }
}

// One of two variants, which a resolver chooses.
__attribute__((target_clones("avx2", "default"))) void chosen(float *a, long n) {
  for (long i = 0; i < n; i++) a[i] = a[i] * 3;
}
void calls_chosen(float *a, long n) { chosen(a, n); }

void moves(char *to, const char *from, long n, long zeros) {
  memcpy(to, from, n);
  memset(to + n, 0, zeros);
}

void exponentials(double *y, const double *x, long n) {
  for (long i = 0; i < n; i++) y[i] = exp(x[i]);
}

void beyond(float *a, long n) {
  for (long i = 0; i < n; i++) a[i] = 1;
}

void before(float *a) { a[-1] = 1; }

void far_beyond(float *a) { a[1L << 58] = 1; } /* no address that x86-64 can have */

void hangs(volatile long *never) {
  while (!*never) continue;
}

void divides(int *a, long n) {
  for (long i = 0; i < n; i++) a[i] = 100 / a[i];
}

void prints(long n) { printf("%ld\n", n); }

void prints_never(float *a, long n) {
  if (n < 0) fprintf(stderr, "%ld\n", n);
  for (long i = 0; i < n; i++) a[i] += 1;
}

void uses_variable(void) { setvbuf(stdout, 0, _IOFBF, 0); }

void reads_variable(long *to) { *to = (long)stdout; *(volatile char *)stdout; }

__thread long mine;
void threadlocal(long n) { mine += n; }

// Everything in double, whatever the arguments: 6 on the stack.
void passing(double *out, long a, int b, long c, float x, short d, unsigned e, signed char f, unsigned char g, double y, long h) {
  out[0] = (double)a + b + c + d + e + f + g + h + x + y;
}

void saxpy(long n, float a, const float *x, float *y) {
  for (long i = 0; i < n; i++) y[i] += a * x[i];
}

void wrong_axpy(long n, float a, const float *x, float *y) {
  for (long i = 0; i < n; i++) y[i] -= a * x[i];
}

// traps ends in an instruction that no processor has.
void traps(long n) { if (n) __builtin_trap(); }
