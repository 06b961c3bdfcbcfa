// Functions that need what the dynamic linker prepares.
#include <math.h>

static const double coefficients[] = {1.5, 2.5, 3.5};
double polynomial(double x) {
  double r = 0;
  for (int i = 2; i >= 0; i--) r = r * x + coefficients[i];
  return r;
}

static long a(void) { return 11; }
static long b(void) { return 22; }
long exported(void) { return 33; }
typedef long (*function)(void);
function table[] = {a, b, exported};
long through_table(long i) { return table[i](); }

static long calls = 40;
long count_calls(void) { return ++calls; }

double many(long a, long b, long c, long d, long e, long f, long g, long h, double x, double y) {
  return (a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h) * x + y;
}

double library(double x) { return exp(x) + sin(x) + sqrt(fabs(x)); }

static long plus_one(long x) { return x + 1; }
static long minus_one(long x) { return x - 1; }
static long (*resolve(void))(long) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse2") ? plus_one : minus_one;
}
long chosen(long) __attribute__((ifunc("resolve")));
long calls_chosen(long x) { return chosen(x) + 1; }

static __attribute__((noinline)) long local_helper(volatile long *p) { return *p; }
__attribute__((optimize("stack-protector-all"))) long guarded(long n) {
  volatile long words[16];
  for (int i = 0; i < 16; i++) words[i] = i;
  return local_helper(&words[n]) + local_helper(&words[n]);
}
