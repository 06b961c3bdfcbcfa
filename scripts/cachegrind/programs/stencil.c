// A five-point stencil over n × 4n doubles, twice, from one array to the other and back.
#include "size.h"

double a[MOST * 4 * MOST], b[MOST * 4 * MOST];

static void step(double *to, const double *from, int n, int m) {
	for (int i = 1; i < n - 1; i++)
		for (int j = 1; j < m - 1; j++)
			to[i * m + j] = 0.25 * (from[i * m + j - 1] + from[i * m + j + 1] + from[(i - 1) * m + j] + from[(i + 1) * m + j]);
}

int main(int argc, char **argv) {
	int n = size(argc, argv), m = 4 * n;
	step(b, a, n, m);
	step(a, b, n, m);
	return a[n] != 0;
}
