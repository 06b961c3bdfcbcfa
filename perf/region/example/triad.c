/*
 * A program with marked regions: two threads each fill three arrays and add them up, in steps.
 *
 *     cc -O2 -pthread -I .. triad.c -o triad
 *     roofline measure -- ./triad
 */
#include "roofline.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define N (1 << 20)
#define STEPS 20

static void triad(double *a, const double *b, const double *c)
{
	int i;
	roofline_start("triad");
	for (i = 0; i < N; i++)
		a[i] = b[i] + 3.0 * c[i];
	roofline_end("triad");
}

static void *work(void *sum)
{
	double *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b), *c = malloc(N * sizeof *c);
	int i, step;

	if (!a || !b || !c)
		exit(1);
	roofline_start("fill");
	for (i = 0; i < N; i++) {
		a[i] = 0.0;
		b[i] = 1.0;
		c[i] = i;
	}
	roofline_end("fill");

	roofline_start("steps"); /* regions nest */
	for (step = 0; step < STEPS; step++)
		triad(a, b, c);
	roofline_end("steps");

	*(double *)sum = a[0] + a[N - 1];
	free(a);
	free(b);
	free(c);
	return NULL;
}

int main(void)
{
	pthread_t other;
	double sums[2];

	if (pthread_create(&other, NULL, work, &sums[1]) != 0)
		return 1;
	work(&sums[0]);
	pthread_join(other, NULL);
	printf("%.0f\n", sums[0] + sums[1]);
	return 0;
}
