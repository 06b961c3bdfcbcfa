// Product of two n × n matrices of doubles in blocks of 16 × 16.
#include "size.h"

double a[MOST * MOST], b[MOST * MOST], c[MOST * MOST];

int main(int argc, char **argv) {
	int n = size(argc, argv) / 16 * 16;
	for (int ii = 0; ii < n; ii += 16)
		for (int jj = 0; jj < n; jj += 16)
			for (int kk = 0; kk < n; kk += 16)
				for (int i = ii; i < ii + 16; i++)
					for (int j = jj; j < jj + 16; j++) {
						double sum = c[i * n + j];
						for (int k = kk; k < kk + 16; k++)
							sum += a[i * n + k] * b[k * n + j];
						c[i * n + j] = sum;
					}
	return c[n] != 0;
}
