// The second file of samename.c.
static double __attribute__((noinline)) work(double x) { return x * x * x * x + 1; }

double other(double x) { return work(x); }
