// Two static functions of one name, in two files of a program.
#include <stdio.h>

double other(double x);

static double __attribute__((noinline)) work(double x) { return x * x + 1; }

int main(void) {
    printf("%g\n", work(2) + work(3) + other(4));
    return 0;
}
