#include <stdio.h>
void axpy(int n, float f, const float *x, float *y);
static float x[100], y[100];
int main(void) {
    for (int i = 0; i < 100; i++) x[i] = 1;
    for (int r = 0; r < 3; r++) axpy(100, 1, x, y);
    float s = 0;
    for (int i = 0; i < 100; i++) s += y[i];
    printf("%.0f\n", s);
    return 0;
}
