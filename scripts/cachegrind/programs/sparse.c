// A sparse matrix of n² rows with eight elements each, at random columns, times a vector.
#include "size.h"

enum { EACH = 8 };

int column[EACH * MOST * MOST];
double value[EACH * MOST * MOST], x[MOST * MOST], y[MOST * MOST];

int main(int argc, char **argv) {
	int n = size(argc, argv), rows = n * n;
	unsigned r = 1;
	for (int i = 0; i < EACH * rows; i++) {
		r = r * 1664525u + 1013904223u;
		column[i] = (r >> 8) % rows;
	}
	for (int i = 0; i < rows; i++) {
		double sum = 0;
		for (int k = EACH * i; k < EACH * (i + 1); k++)
			sum += value[k] * x[column[k]];
		y[i] = sum;
	}
	return y[n] != 0;
}
