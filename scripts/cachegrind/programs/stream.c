// Triad over arrays of 8n² doubles, three times.
#include "size.h"

double a[8 * MOST * MOST], b[8 * MOST * MOST], c[8 * MOST * MOST];

int main(int argc, char **argv) {
	int n = size(argc, argv), m = 8 * n * n;
	for (int r = 0; r < 3; r++)
		for (int i = 0; i < m; i++)
			a[i] = b[i] + 3 * c[i];
	return a[n] != 0;
}
