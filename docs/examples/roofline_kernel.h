/* roofline_kernel.h - describe a kernel of your own to roofline, whatever it computes.
 *
 * Export one variable of type struct roofline_kernel from a shared object and name it:
 *
 *     roofline tune --watch spmv.c --build 'cc -O3 -shared -fPIC -o libspmv.so spmv.c' \
 *         --object libspmv.so --function spmv --as struct:100000
 *
 * The functions are called in this order, in a process of their own: setup, work, run (of every worker) and verify once,
 * then run many times. This file needs nothing else and may be copied into any project.
 */
#ifndef ROOFLINE_KERNEL_H
#define ROOFLINE_KERNEL_H

#include <stdint.h>

#define ROOFLINE_KERNEL_VERSION 1

/* What one call, of all workers together, must do at least. Set every field; 0 means none. */
struct roofline_work {
	double flops;        /* floating-point operations; integer ones for int8 */
	double load_bytes;   /* every input element once */
	double store_bytes;  /* every output element once */
	int64_t working_set; /* bytes of all operands and scratch */
};

struct roofline_kernel {
	uint32_t version;  /* ROOFLINE_KERNEL_VERSION */
	uint32_t size;     /* sizeof(struct roofline_kernel) */
	const char *name;  /* lower-case letters, digits, dots, dashes; e.g. "spmv" */
	const char *dtype; /* f64, f32, f16, bf16 or int8: whose compute ceiling it is held against */

	/* Allocate and fill the operands for the sizes after --as struct:, in their order. The state is handed to the other
	 * functions; NULL says that it failed. The process ends without asking to free it. */
	void *(*setup)(const int64_t *dims, int count, int workers);

	/* Do one worker's share of one call. It is called again and again on the same state, by every worker on a thread of its
	 * own (--threads), so it must not wait for the others. */
	void (*run)(void *state, int worker, int workers);

	/* Say what a call must do. */
	void (*work)(void *state, struct roofline_work *work);

	/* Compare the result of the first call with a reference: the largest error, and the largest that is right, in whatever
	 * measure suits. Return 0, or anything else when it could not be compared. */
	int (*verify)(void *state, double *error, double *tolerance);
};

#endif
