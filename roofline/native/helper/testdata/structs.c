/* Kernels that describe themselves, and are wrong. */
#include <stdlib.h>

#include "../../../../docs/examples/roofline_kernel.h"

static void *setup(const int64_t *dims, int count, int workers) {
	(void)dims, (void)count, (void)workers;
	return calloc(1, 8);
}
static void *fails(const int64_t *dims, int count, int workers) {
	(void)dims, (void)count, (void)workers;
	return NULL;
}
static void run(void *state, int worker, int workers) { (void)worker, (void)workers, ++*(int64_t *)state; }
static void work(void *state, struct roofline_work *w) {
	(void)state;
	*w = (struct roofline_work){1, 8, 8, 8};
}
static void negative(void *state, struct roofline_work *w) {
	(void)state;
	*w = (struct roofline_work){-1, 8, 8, 8};
}
static int differs(void *state, double *error, double *tolerance) {
	(void)state;
	*error = 0.5, *tolerance = 0.25;
	return 0;
}
static int cannot(void *state, double *error, double *tolerance) {
	(void)state, (void)error, (void)tolerance;
	return 7;
}
static int silent(void *state, double *error, double *tolerance) {
	(void)state, (void)error, (void)tolerance;
	return 0;
}

#define KERNEL(symbol, setup, work, verify) \
	struct roofline_kernel symbol = {ROOFLINE_KERNEL_VERSION, sizeof(struct roofline_kernel), #symbol, "f64", setup, run, work, verify}

KERNEL(no_state, fails, work, differs);
KERNEL(less_than_nothing, setup, negative, differs);
KERNEL(wrong, setup, work, differs);
KERNEL(not_compared, setup, work, cannot);
KERNEL(nothing_said, setup, work, silent);
