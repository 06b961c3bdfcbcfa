// Product of two n × n matrices of doubles: naive, the column of B strided by a row.
#include "size.h"

double a[MOST * MOST], b[MOST * MOST], c[MOST * MOST];

int main(int argc, char **argv) {
	int n = size(argc, argv);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			double sum = 0;
			for (int k = 0; k < n; k++)
				sum += a[i * n + k] * b[k * n + j];
			c[i * n + j] = sum;
		}
	return c[n] != 0;
}
