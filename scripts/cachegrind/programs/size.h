// The size of a problem is the program's argument, up to MOST.
#include <stdlib.h>

enum { MOST = 256 };

static int size(int argc, char **argv) {
	int n = argc > 1 ? atoi(argv[1]) : 64;
	return n < 16 ? 16 : n > MOST ? MOST : n;
}
