/* Functions that do what a user's function should not. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef const float *in;

static void product(in A, in B, float *C, int m, int n, int k) {
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++) {
			float sum = 0;
			for (int p = 0; p < k; p++)
				sum += A[i * k + p] * B[p * n + j];
			C[i * n + j] = sum;
		}
}

void right(in A, in B, float *C, int m, int n, int k) { product(A, B, C, m, n, k); }

void runs_over(in A, in B, float *C, int m, int n, int k) {
	(void)A, (void)B, (void)m, (void)n, (void)k;
	for (volatile float *p = C;; p++)
		*p = 0;
}

double constants[4] = {1, 2, 3, 4}; /* no function */

void null(in A, in B, float *C, int m, int n, int k) {
	(void)A, (void)B, (void)C, (void)m, (void)n, (void)k;
	*(volatile int *)8 = 1;
}

void far_beyond(in A, in B, float *C, int m, int n, int k) { /* no address that x86-64 can have */
	(void)A, (void)B, (void)m, (void)n, (void)k;
	*(volatile float *)((char *)C + (1L << 60)) = 1;
}

void illegal(in A, in B, float *C, int m, int n, int k) {
	(void)A, (void)B, (void)C, (void)m, (void)n, (void)k;
	__builtin_trap();
}

void aborts(in A, in B, float *C, int m, int n, int k) {
	(void)A, (void)B, (void)C, (void)m, (void)n, (void)k;
	fprintf(stderr, "assertion failed: never\n");
	abort();
}

void exits(in A, in B, float *C, int m, int n, int k) {
	(void)A, (void)B, (void)C, (void)m, (void)n, (void)k;
	printf("bye\n");
	exit(0);
}

void hangs(in A, in B, float *C, int m, int n, int k) {
	(void)A, (void)B, (void)C, (void)m, (void)n, (void)k;
	for (volatile int i = 0;;)
		i++;
}

void forks(in A, in B, float *C, int m, int n, int k) {
	if (fork() == 0)
		sleep(100); /* holds all pipes */
	product(A, B, C, m, n, k);
	exit(0);
}

void greedy(in A, in B, float *C, int m, int n, int k) {
	char *p = malloc((size_t)1 << 40);
	if (!p)
		abort();
	product(A, B, C, m, n, k);
}

void one_off(in A, in B, float *C, int m, int n, int k) {
	product(A, B, C, m, n, k);
	C[3 * n + 5] += 1;
}

void unwritten(in A, in B, float *C, int m, int n, int k) { product(A, B, C, m - 1, n, k); }

void writes_behind(in A, in B, float *C, int m, int n, int k) {
	product(A, B, C, m, n, k);
	C[m * n] = 0;
}

void writes_input(in A, in B, float *C, int m, int n, int k) {
	product(A, B, C, m, n, k);
	((float *)A)[0] += 1;
}

void garbles(in A, in B, float *C, int m, int n, int k) {
	product(A, B, C, m, n, k);
	if (write(3, "{\"result\":{}}\n", 14) < 0)
		abort();
}

void late_crash(in A, in B, float *C, int m, int n, int k) {
	static int calls;
	product(A, B, C, m, n, k);
	if (++calls > 50)
		*(volatile int *)8 = 1;
}

void loud(in A, in B, float *C, int m, int n, int k) {
	static int calls;
	product(A, B, C, m, n, k);
	if (calls++ == 0)
		for (int i = 0; i < 100000; i++)
			printf("line %d\n", i);
}
