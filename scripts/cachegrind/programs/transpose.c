// Transpose of a 2n × 2n matrix of doubles, four times: the stores are strided.
#include "size.h"

double a[4 * MOST * MOST], b[4 * MOST * MOST];

int main(int argc, char **argv) {
	int n = 2 * size(argc, argv);
	for (int r = 0; r < 4; r++)
		for (int i = 0; i < n; i++)
			for (int j = 0; j < n; j++)
				b[j * n + i] = a[i * n + j];
	return b[n] != 0;
}
