// 16n² updates (a load and a store each) at random places of 16n² ints.
#include "size.h"

int table[16 * MOST * MOST];

int main(int argc, char **argv) {
	int n = size(argc, argv), m = 16 * n * n;
	unsigned x = 1;
	for (int i = 0; i < m; i++) {
		x = x * 1664525u + 1013904223u;
		table[(x >> 8) % m] += i;
	}
	return 0;
}
