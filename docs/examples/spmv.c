/* y = A·x with a sparse A in CSR form: a kernel that roofline knows nothing of. See roofline_kernel.h. */
#include <math.h>
#include <stdlib.h>

#include "roofline_kernel.h"

enum { PER_ROW = 16 };

struct spmv {
	int64_t n;
	int64_t *start;
	int32_t *column;
	double *value, *x, *y;
};

static void *setup(const int64_t *dims, int count, int workers) {
	(void)workers;
	struct spmv *s = calloc(1, sizeof *s);
	if (!s || count != 1)
		return NULL;
	s->n = dims[0];
	s->start = malloc((s->n + 1) * sizeof *s->start);
	s->column = malloc(s->n * PER_ROW * sizeof *s->column);
	s->value = malloc(s->n * PER_ROW * sizeof *s->value);
	s->x = malloc(s->n * sizeof *s->x);
	s->y = malloc(s->n * sizeof *s->y);
	if (!s->start || !s->column || !s->value || !s->x || !s->y)
		return NULL;
	uint64_t r = 1;
	for (int64_t i = 0; i < s->n; i++) {
		s->start[i] = i * PER_ROW;
		s->x[i] = 1 + i % 7;
		for (int j = 0; j < PER_ROW; j++) {
			r = r * 6364136223846793005u + 1442695040888963407u;
			s->column[i * PER_ROW + j] = (int32_t)((r >> 33) % (uint64_t)s->n);
			s->value[i * PER_ROW + j] = (double)(r >> 40) / (1 << 24);
		}
	}
	s->start[s->n] = s->n * PER_ROW;
	return s;
}

static void run(void *state, int worker, int workers) {
	struct spmv *s = state;
	for (int64_t i = s->n * worker / workers; i < s->n * (worker + 1) / workers; i++) {
		double sum = 0;
		for (int64_t p = s->start[i]; p < s->start[i + 1]; p++)
			sum += s->value[p] * s->x[s->column[p]];
		s->y[i] = sum;
	}
}

static void work(void *state, struct roofline_work *w) {
	struct spmv *s = state;
	w->flops = 2.0 * s->n * PER_ROW;
	w->load_bytes = s->n * (PER_ROW * 12.0 + 8) + 8.0 * s->n; /* values and columns, starts, x */
	w->store_bytes = 8.0 * s->n;
	w->working_set = (int64_t)(w->load_bytes + w->store_bytes);
}

static int verify(void *state, double *error, double *tolerance) {
	struct spmv *s = state;
	*tolerance = 1e-14;
	*error = 0;
	for (int64_t i = 0; i < s->n; i++) {
		long double sum = 0;
		for (int64_t p = s->start[i]; p < s->start[i + 1]; p++)
			sum += (long double)s->value[p] * s->x[s->column[p]];
		double e = fabs(s->y[i] - (double)sum) / (double)sum;
		if (!(e <= *error))
			*error = e;
	}
	return 0;
}

struct roofline_kernel spmv = {
	.version = ROOFLINE_KERNEL_VERSION,
	.size = sizeof(struct roofline_kernel),
	.name = "spmv",
	.dtype = "f64",
	.setup = setup,
	.run = run,
	.work = work,
	.verify = verify,
};
