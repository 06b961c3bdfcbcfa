void axpy(int n, float f, const float *x, float *y) {
    for (int i = 0; i < n; i++) y[i] += f * x[i];
}
