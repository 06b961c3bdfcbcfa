#include <stdio.h>
#include <string.h>

enum { M = 37, N = 41, K = 29 };
static float a[M * K], b[K * N], c[M * N];

__attribute__((noinline, noclone)) void matmul(const float *x, const float *y, float *z) {
    for (int i = 0; i < M; i++) {
        for (int j = 0; j < N; j++) z[i * N + j] = 0;
        for (int p = 0; p < K; p++)
            for (int j = 0; j < N; j++) z[i * N + j] += x[i * K + p] * y[p * N + j];
    }
}

__attribute__((noinline, noclone)) int never(int x) { return 3 * x + 17 / (x + 1); }

int main(int argc, char **argv) {
    for (int i = 0; i < M * K; i++) a[i] = (float)(i % 7 - 3);
    for (int i = 0; i < K * N; i++) b[i] = (float)(i % 5 - 2);
    double sum = 0;
    for (int r = 0; r < 5; r++) {
        matmul(a, b, c);
        for (int i = 0; i < M * N; i++) sum += c[i] * (i % 3);
    }
    if (argc > 1000) printf("%d\n", never(argc));
    printf("%.1f\n", sum);
    return 0;
}
