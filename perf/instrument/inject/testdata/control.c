#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* case n makes n additions */
__attribute__((noinline, noclone)) double choose(int n, volatile double *x) {
    double s = *x;
    switch (n) {
    case 8: s += *x;  /* fall through */
    case 7: s += *x;  /* fall through */
    case 6: s += *x;  /* fall through */
    case 5: s += *x;  /* fall through */
    case 4: s += *x;  /* fall through */
    case 3: s += *x;  /* fall through */
    case 2: s += *x;  /* fall through */
    case 1: s += *x;
    }
    return s;
}

__attribute__((noinline, noclone)) double recurse(int n, volatile double *x) {
    double f = *x;
    if (n == 0) return f;
    double below = recurse(n - 1, x);
    return below + f;
}

__attribute__((noinline, noclone)) double outside(volatile double *x, double (*f)(double)) {
    char b[100];
    memset(b, (int)*x, sizeof b);
    double s = *x + b[17];
    s += cos(*x);
    s += f(*x);
    return s;
}

/* Its first five bytes hold a way back: 2^n - 1 times three operations. */
__attribute__((noinline, noclone)) double tree(int n, double x) {
    if (n == 0) return x;
    return tree(n - 1, x + 1) + tree(n - 1, x * 2);
}

__attribute__((noinline, noclone)) double pointed(double x) { return x + 1; }

double (*volatile pointer)(double) = pointed;

/* Three operations of its own and three calls. */
__attribute__((noinline, noclone)) double points(double x) {
    for (int i = 0; i < 3; i++) x = pointer(x) * 2;
    return x;
}

int main(void) {
    volatile double x = 0.5;
    double s = 0;
    for (int i = 0; i <= 9; i++) s += choose(i, &x);
    s += recurse(10, &x);
    s += outside(&x, sin);
    s += tree(5, x);
    s += points(x);
    printf("%.6f\n", s);
    return 0;
}
