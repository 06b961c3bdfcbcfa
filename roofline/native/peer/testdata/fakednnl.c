/* A library that looks like oneDNN 3, which passes descriptors as handles: matmul with a factor, and softmax along the last axis, of
 * float and bf16. Enumerations are those of dnnl_types.h and dnnl_common_types.h of version 3. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { success, out_of_memory, invalid_arguments, unimplemented };
enum { bf16 = 2, f32 = 3 };
enum { query_impl_info_str = 8 };
enum { arg_src = 1, arg_dst = 17, arg_weights = 33 };
enum { forward_inference = 96, eltwise_linear = 0x26, softmax_accurate = 0x30000 };

struct md { int n, type; int64_t dims[12], strides[12]; };
struct attr { float scale; };
struct pd { int softmax; struct md a, b, c; float scale; };
struct memory { struct md md; void *at; };
struct exec_arg { int arg; struct memory *memory; };
struct version { int major, minor, patch; const char *hash; };

static void *keep(const void *what, size_t n) { return memcpy(malloc(n), what, n); }

const struct version *dnnl_version(void) {
	static const struct version v = {3, 9, 1, "0123456789"};
	return &v;
}

int dnnl_engine_create(void **engine, int kind, size_t index) { static int here; *engine = &here; return kind == 1 && index == 0 ? success : invalid_arguments; }
int dnnl_stream_create(void **stream, void *engine, unsigned flags) { *stream = engine; return flags == 1 ? success : invalid_arguments; }
int dnnl_stream_wait(void *stream) { return stream ? success : invalid_arguments; }

int dnnl_memory_desc_create_with_strides(struct md **md, int n, const int64_t *dims, int type, const int64_t *strides) {
	struct md m = {n, type, {0}, {0}};
	if (n < 2 || n > 3 || (type != f32 && type != bf16))
		return invalid_arguments;
	memcpy(m.dims, dims, n * sizeof *dims);
	memcpy(m.strides, strides, n * sizeof *strides);
	*md = keep(&m, sizeof m);
	return success;
}

int dnnl_primitive_attr_create(struct attr **attr) { *attr = calloc(1, sizeof **attr); (*attr)->scale = 1; return success; }
int dnnl_post_ops_create(struct attr **ops) { return dnnl_primitive_attr_create(ops); }

int dnnl_post_ops_append_eltwise(struct attr *ops, int kind, float alpha, float beta) {
	ops->scale = alpha;
	return kind == eltwise_linear && beta == 0 ? success : invalid_arguments;
}

int dnnl_primitive_attr_set_post_ops(struct attr *attr, const struct attr *ops) { *attr = *ops; return success; }

int dnnl_matmul_primitive_desc_create(struct pd **pd, void *engine, const struct md *a, const struct md *b, const struct md *bias,
		const struct md *c, const struct attr *attr) {
	struct pd p = {0, *a, *b, *c, attr ? attr->scale : 1};
	int n = a->n;
	if (!engine || bias || b->n != n || c->n != n || a->dims[n - 1] != b->dims[n - 2] || c->dims[n - 2] != a->dims[n - 2] || c->dims[n - 1] != b->dims[n - 1])
		return invalid_arguments;
	*pd = keep(&p, sizeof p);
	return success;
}

int dnnl_softmax_forward_primitive_desc_create(struct pd **pd, void *engine, int prop, int kind, const struct md *from, const struct md *to,
		int axis, const struct attr *attr) {
	struct pd p = {1, *from, {0}, *to, 1};
	if (!engine || attr || prop != forward_inference || kind != softmax_accurate || axis != from->n - 1)
		return invalid_arguments;
	*pd = keep(&p, sizeof p);
	return success;
}

int dnnl_primitive_create(struct pd **primitive, struct pd *pd) { *primitive = pd; return success; }

int dnnl_primitive_desc_query(const struct pd *pd, int what, int index, void *result) {
	*(const char **)result = pd->softmax ? "fake:softmax" : "fake:matmul";
	return what == query_impl_info_str && index == 0 ? success : invalid_arguments;
}

int dnnl_memory_create(struct memory **memory, const struct md *md, void *engine, void *at) {
	struct memory m = {*md, at};
	*memory = keep(&m, sizeof m);
	return engine ? success : invalid_arguments;
}

static size_t offset(const struct md *m, int64_t batch, int64_t row, int64_t col) {
	return (m->n == 3 ? batch * m->strides[0] : 0) + row * m->strides[m->n - 2] + col * m->strides[m->n - 1];
}

static float load(const struct memory *m, size_t i) {
	uint32_t bits;
	float f;
	if (m->md.type == f32)
		return ((float *)m->at)[i];
	bits = (uint32_t)((uint16_t *)m->at)[i] << 16;
	memcpy(&f, &bits, 4);
	return f;
}

static void store(const struct memory *m, size_t i, float f) {
	uint32_t bits;
	if (m->md.type == f32) {
		((float *)m->at)[i] = f;
		return;
	}
	memcpy(&bits, &f, 4);
	((uint16_t *)m->at)[i] = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

int dnnl_primitive_execute(const struct pd *p, void *stream, int n, const struct exec_arg *args) {
	const struct memory *a = 0, *b = 0, *c = 0;
	if (!stream)
		return invalid_arguments;
	for (int i = 0; i < n; i++)
		*(args[i].arg == arg_src ? &a : args[i].arg == arg_weights ? &b : &c) = args[i].memory;
	int d = c->md.n;
	int64_t batches = d == 3 ? c->md.dims[0] : 1, rows = c->md.dims[d - 2], cols = c->md.dims[d - 1];
	for (int64_t x = 0; x < batches; x++)
		for (int64_t i = 0; i < rows; i++) {
			float top = -INFINITY, total = 0;
			for (int64_t j = 0; p->softmax && j < cols; j++)
				top = fmaxf(top, load(a, offset(&a->md, x, i, j)));
			for (int64_t j = 0; p->softmax && j < cols; j++)
				total += expf(load(a, offset(&a->md, x, i, j)) - top);
			for (int64_t j = 0; j < cols; j++) {
				float v = 0;
				if (p->softmax)
					v = expf(load(a, offset(&a->md, x, i, j)) - top) / total;
				else
					for (int64_t q = 0; q < a->md.dims[d - 1]; q++)
						v += load(a, offset(&a->md, x, i, q)) * load(b, offset(&b->md, x, q, j));
				store(c, offset(&c->md, x, i, j), v * p->scale);
			}
		}
	return success;
}
