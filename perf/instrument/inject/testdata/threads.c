#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline, noclone)) double work(const double *x, double f) {
    double s = 0;
    for (int i = 0; i < 32; i++) s += x[i] * f;
    return s;
}

static double x[32];

static void *run(void *arg) {
    double *sum = arg;
    for (int i = 0; i < 1000; i++) *sum += work(x, 1);
    return 0;
}

int main(int argc, char **argv) {
    int n = atoi(argv[1]);
    pthread_t *t = malloc(n * sizeof *t);
    double *sums = calloc(n, sizeof *sums);
    for (int i = 0; i < 32; i++) x[i] = 1;
    for (int i = 0; i < n; i++) pthread_create(&t[i], 0, run, &sums[i]);
    for (int i = 0; i < n; i++) pthread_join(t[i], 0);
    for (int i = 0; i < n; i++)
        if (sums[i] != 32000) { printf("thread %d has %f\n", i, sums[i]); return 1; }
    printf("ok\n");
    return 0;
}
