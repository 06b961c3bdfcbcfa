/*
 * roofline.h: mark regions of a C or C++ program, so that `roofline measure -- CMD` counts them one by one.
 *
 *     #include "roofline.h"
 *
 *     roofline_start("solve");
 *     ...
 *     roofline_end("solve");
 *
 * In C++ also: { roofline::region r("solve"); ... }
 *
 * Regions nest, recur, and may be entered by any number of threads; entries of several threads add up. A region belongs to
 * the thread that started it. Outside `roofline measure` a call costs a few instructions. Without a PMU, time, calls, CPU
 * time, page faults and context switches are still counted.
 *
 * Nothing has to be linked. Include this file in as many sources as you like: they share one state. It needs Linux, GCC or
 * Clang (weak symbols, __thread, __atomic), and no more than C89 with GNU extensions; with -std=c89 or -std=c99 include it
 * first, or define _GNU_SOURCE. On other systems every call is a no-op.
 *
 * Not async-signal-safe: do not mark regions in signal handlers. A child made by fork counts its own regions from zero;
 * regions that were open at the fork are not counted in it.
 *
 * The protocol is described in docs/regions.md.
 */
#ifndef ROOFLINE_H
#define ROOFLINE_H

#ifndef __linux__

#define roofline_start(name) ((void)(name))
#define roofline_end(name) ((void)(name))
#define roofline_active() 0

#else

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The names carry the version, so that libraries with another one get along in the same process. */
#define roofline_state_ roofline_state_v1_
#define roofline_thread_ roofline_thread_v1_
#define ROOFLINE_SHARED_ __attribute__((weak, visibility("default")))
#define ROOFLINE_FUNC_ static __inline__ __attribute__((unused))

/* Where old C libraries keep these in libpthread, a program without threads can do without. */
#pragma weak pthread_key_create
#pragma weak pthread_setspecific

enum {
	ROOFLINE_VERSION_ = 1,
	ROOFLINE_HEADER_ = 4096,
	ROOFLINE_EVENT_SIZE_ = 48,
	ROOFLINE_EVENT_LIST_ = 128,
	ROOFLINE_MAX_EVENTS_ = 64,
	ROOFLINE_MAX_GROUPS_ = 32,
	ROOFLINE_MAX_DEPTH_ = 64,
	ROOFLINE_NAME_ = 64,
	ROOFLINE_COPIES_ = 256,
	ROOFLINE_MAX_NAME_ = ROOFLINE_COPIES_ - ROOFLINE_NAME_,
	ROOFLINE_USAGE_ = 6, /* words of resource usage, after the time */
	ROOFLINE_MAX_WORDS_ = 1 + ROOFLINE_USAGE_ + 2 * ROOFLINE_MAX_GROUPS_ + ROOFLINE_MAX_EVENTS_
};

/* A region in one thread. */
struct roofline_totals_ {
	struct roofline_totals_ *next; /* of the same bucket */
	uint64_t hash;
	char *name;
	unsigned char *slot; /* NULL when the board is full */
	uint64_t seq, calls, open, first, last;
	uint64_t *total, *self;
	int new_thread; /* the slot was another thread's before */
};

struct roofline_frame_ {
	struct roofline_totals_ *region;
	uint64_t *begin;
};

/* A thread. When it ends another one takes the structure over, so that threads that come and go need no new slots. */
struct roofline_thread_ {
	struct roofline_thread_ *next; /* in the list of free ones */
	struct roofline_totals_ **buckets;
	size_t nbuckets, nregions;
	struct roofline_frame_ frames[ROOFLINE_MAX_DEPTH_];
	int depth, deeper, forgiven; /* forgiven: Ends still to come of regions that were open at a fork */
	pid_t tid;
	uint64_t *now, *last;
	int fds[ROOFLINE_MAX_EVENTS_];
	uint64_t opened;
	uint32_t error, refused;
	unsigned process; /* the process (state.process) it belongs to */
};

/* The process. */
struct roofline_state_ {
	int ready; /* 0 not yet, 1 being made, 2 counting, 3 not under roofline */
	unsigned process; /* grows by one at every fork */
	unsigned char *board;
	volatile uint64_t *alive; /* on a page that fork wipes */
	uint32_t slot_size, slots, groups, events, words;
	uint32_t sizes[ROOFLINE_MAX_GROUPS_];
	struct roofline_thread_ *free;
	int lock;
	int has_key;
	pthread_key_t key;
};

ROOFLINE_SHARED_ struct roofline_state_ roofline_state_;
ROOFLINE_SHARED_ __thread struct roofline_thread_ *roofline_thread_;

ROOFLINE_FUNC_ uint32_t roofline_get32_(const unsigned char *p)
{
	return __atomic_load_n((const uint32_t *)(const void *)p, __ATOMIC_ACQUIRE);
}

ROOFLINE_FUNC_ uint64_t roofline_get64_(const unsigned char *p)
{
	return __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_ACQUIRE);
}

ROOFLINE_FUNC_ void roofline_put32_(unsigned char *p, uint32_t v)
{
	__atomic_store_n((uint32_t *)(void *)p, v, __ATOMIC_RELEASE);
}

ROOFLINE_FUNC_ void roofline_put64_(unsigned char *p, uint64_t v)
{
	__atomic_store_n((uint64_t *)(void *)p, v, __ATOMIC_RELEASE);
}

ROOFLINE_FUNC_ void roofline_note_(int offset)
{
	__atomic_add_fetch((uint64_t *)(void *)(roofline_state_.board + offset), 1, __ATOMIC_RELAXED);
}
#define ROOFLINE_LOST_ 48
#define ROOFLINE_DEEP_ 56
#define ROOFLINE_MISUSED_ 64
#define ROOFLINE_ATTACHED_ 72

ROOFLINE_FUNC_ void roofline_lock_(void)
{
	while (__atomic_exchange_n(&roofline_state_.lock, 1, __ATOMIC_ACQUIRE))
		(void)syscall(SYS_sched_yield);
}

ROOFLINE_FUNC_ void roofline_unlock_(void)
{
	__atomic_store_n(&roofline_state_.lock, 0, __ATOMIC_RELEASE);
}

ROOFLINE_FUNC_ int roofline_is_(int fd, const uint64_t *want, struct stat *st)
{
	return fstat(fd, st) == 0 && (uint64_t)st->st_dev == want[2] && (uint64_t)st->st_ino == want[3];
}

/* Reads "1:fd:dev:ino:pid". */
ROOFLINE_FUNC_ int roofline_parse_(const char *s, uint64_t *n)
{
	int i;
	char *end;
	for (i = 0; i < 5; i++) {
		if (*s < '0' || *s > '9')
			return 0;
		n[i] = strtoul(s, &end, 10);
		if (*end != (i < 4 ? ':' : '\0'))
			return 0;
		s = end + 1;
	}
	return n[0] == ROOFLINE_VERSION_ && n[1] <= 0x7fffffff;
}

/* Maps the board that the environment tells of; 0 if there is none. */
ROOFLINE_FUNC_ int roofline_map_(void)
{
	struct roofline_state_ *s = &roofline_state_;
	const char *env = getenv("ROOFLINE_REGIONS");
	uint64_t n[5];
	char path[64];
	struct stat st;
	int fd, opened = -1;
	uint32_t i, g;
	void *mem;

	if (!env || !roofline_parse_(env, n))
		return 0;
	fd = (int)n[1];
	if (!roofline_is_(fd, n, &st)) { /* closed on the way here */
		sprintf(path, "/proc/%lu/fd/%lu", (unsigned long)n[4], (unsigned long)n[1]);
		fd = opened = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return 0;
		if (!roofline_is_(fd, n, &st)) {
			close(opened);
			return 0;
		}
	}
	mem = MAP_FAILED;
	if (st.st_size >= ROOFLINE_HEADER_)
		mem = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (opened >= 0)
		close(opened);
	if (mem == MAP_FAILED)
		return 0;
	s->board = (unsigned char *)mem;
	s->slot_size = roofline_get32_(s->board + 24);
	s->slots = roofline_get32_(s->board + 28);
	s->groups = roofline_get32_(s->board + 32);
	s->events = roofline_get32_(s->board + 36);
	if (memcmp(s->board, "ROOFREG1", 8) != 0 || roofline_get32_(s->board + 8) != ROOFLINE_VERSION_ ||
	    roofline_get32_(s->board + 12) != ROOFLINE_HEADER_ || s->events > ROOFLINE_MAX_EVENTS_ ||
	    s->groups > ROOFLINE_MAX_GROUPS_ || s->groups > s->events)
		goto bad;
	for (g = 0; g < ROOFLINE_MAX_GROUPS_; g++)
		s->sizes[g] = 0;
	for (i = 0; i < s->events; i++) {
		g = roofline_get32_(s->board + ROOFLINE_EVENT_LIST_ + i * ROOFLINE_EVENT_SIZE_ + 4);
		if (g >= s->groups)
			goto bad;
		s->sizes[g]++;
	}
	s->words = 1 + ROOFLINE_USAGE_ + 2 * s->groups + s->events;
	if (s->slot_size < ROOFLINE_COPIES_ + 2 * 8 * (3 + 2 * s->words) ||
	    (uint64_t)st.st_size != ROOFLINE_HEADER_ + (uint64_t)s->slots * s->slot_size)
		goto bad;
	return 1;
bad:
	munmap(mem, (size_t)st.st_size);
	return 0;
}

ROOFLINE_FUNC_ void roofline_leave_(void *thread);

/* Finds out whether regions are counted. Whoever comes second waits for the first. */
ROOFLINE_FUNC_ int roofline_ready_(void)
{
	struct roofline_state_ *s = &roofline_state_;
	int ready = __atomic_load_n(&s->ready, __ATOMIC_ACQUIRE);
	int none = 0;
	void *page;

	if (ready == 0 && __atomic_compare_exchange_n(&s->ready, &none, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		ready = 3;
		page = MAP_FAILED;
		if (getenv("ROOFLINE_REGIONS"))
			page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		/* Without MADV_WIPEONFORK (18, Linux 4.14) a forked child would write into its parent's slots. */
		if (page != MAP_FAILED && madvise(page, 4096, 18) == 0 && roofline_map_()) {
			s->alive = (volatile uint64_t *)page;
			*s->alive = 1;
			if (pthread_key_create != NULL)
				s->has_key = pthread_key_create(&s->key, roofline_leave_) == 0;
			roofline_note_(ROOFLINE_ATTACHED_);
			ready = 2;
		}
		__atomic_store_n(&s->ready, ready, __ATOMIC_RELEASE);
		return ready;
	}
	while ((ready = __atomic_load_n(&s->ready, __ATOMIC_ACQUIRE)) < 2)
		(void)syscall(SYS_sched_yield);
	return ready;
}

ROOFLINE_FUNC_ void roofline_close_(struct roofline_thread_ *t)
{
	uint32_t i;
	for (i = 0; i < roofline_state_.events; i++) {
		if (t->fds[i] >= 0)
			close(t->fds[i]);
		t->fds[i] = -1;
	}
	t->opened = 0;
}

/* Opens the groups of events for the calling thread, each as a whole or not at all. fds[i] is the i-th event. */
ROOFLINE_FUNC_ void roofline_open_(struct roofline_thread_ *t)
{
	uint64_t attr[14]; /* struct perf_event_attr, up to PERF_ATTR_SIZE_VER5 */
	uint32_t head[2];  /* its first two fields, type and size */
	uint32_t g, i, k, first = 0;
	const unsigned char *e;

	t->error = t->refused = 0;
	for (i = 0; i < roofline_state_.events; i++)
		t->fds[i] = -1;
	for (g = 0; g < roofline_state_.groups; g++) {
		for (i = first; i < first + roofline_state_.sizes[g]; i++) {
			e = roofline_state_.board + ROOFLINE_EVENT_LIST_ + i * ROOFLINE_EVENT_SIZE_;
			memset(attr, 0, sizeof attr);
			head[0] = roofline_get32_(e);
			head[1] = sizeof attr;
			memcpy(attr, head, sizeof head);
			attr[1] = roofline_get64_(e + 8);
			attr[4] = 1 | 2 | 8; /* total time enabled and running, group */
			/* neither disabled nor inherit nor enable_on_exec; the leader is disabled until the group is complete */
			attr[5] = (roofline_get64_(e + 32) & ~(uint64_t)(1 | 2 | 1 << 12)) | (i == first);
			attr[7] = roofline_get64_(e + 16);
			attr[8] = roofline_get64_(e + 24);
			t->fds[i] = (int)syscall(SYS_perf_event_open, attr, 0, -1, i == first ? -1 : t->fds[first], 8UL /* close on exec */);
			if (t->fds[i] < 0)
				break;
		}
		if (i == first + roofline_state_.sizes[g]) {
			(void)ioctl(t->fds[first], 0x2400 /* PERF_EVENT_IOC_ENABLE */, 1 /* the group */);
			t->opened |= (uint64_t)1 << g;
		} else {
			if (t->error == 0) {
				t->error = (uint32_t)errno;
				t->refused = g;
			}
			for (k = first; k < i; k++) {
				close(t->fds[k]);
				t->fds[k] = -1;
			}
		}
		first += roofline_state_.sizes[g];
	}
}

ROOFLINE_FUNC_ uint64_t *roofline_words_(void)
{
	return (uint64_t *)calloc(roofline_state_.words, sizeof(uint64_t));
}

/* Called when a thread ends: its counters are closed, its open regions stay uncounted, and the next thread may have the rest. */
ROOFLINE_FUNC_ void roofline_leave_(void *thread)
{
	struct roofline_thread_ *t = (struct roofline_thread_ *)thread;
	if (t->process != roofline_state_.process)
		return;
	roofline_close_(t);
	roofline_thread_ = NULL;
	if (t->depth > 0) /* never to be ended: their slots keep saying so */
		return;
	roofline_lock_();
	t->next = roofline_state_.free;
	roofline_state_.free = t;
	roofline_unlock_();
}

ROOFLINE_FUNC_ struct roofline_thread_ *roofline_new_thread_(void)
{
	struct roofline_thread_ *t = (struct roofline_thread_ *)calloc(1, sizeof *t);
	int i;
	if (!t)
		return NULL;
	t->nbuckets = 64;
	t->buckets = (struct roofline_totals_ **)calloc(t->nbuckets, sizeof *t->buckets);
	t->now = roofline_words_();
	t->last = roofline_words_();
	if (!t->buckets || !t->now || !t->last)
		return NULL;
	for (i = 0; i < ROOFLINE_MAX_DEPTH_; i++)
		if (!(t->frames[i].begin = roofline_words_()))
			return NULL;
	return t;
}

/* In a forked child: nothing of what the parent has counted, opened or locked is the child's. */
ROOFLINE_FUNC_ void roofline_forked_(void)
{
	struct roofline_state_ *s = &roofline_state_;
	struct roofline_thread_ *t = roofline_thread_;
	int open = 0;
	if (t) {
		open = t->depth + t->deeper + t->forgiven;
		roofline_close_(t);
	}
	*s->alive = 1;
	s->process++;
	s->free = NULL;
	s->lock = 0;
	roofline_thread_ = NULL;
	roofline_note_(ROOFLINE_ATTACHED_);
	if (open > 0 && (t = roofline_new_thread_()) != NULL) {
		t->forgiven = open;
		t->process = s->process;
		t->tid = (pid_t)syscall(SYS_gettid);
		roofline_open_(t);
		roofline_thread_ = t;
		if (s->has_key)
			(void)pthread_setspecific(s->key, t);
	}
}

/* The calling thread; NULL when there is no memory. */
ROOFLINE_FUNC_ struct roofline_thread_ *roofline_current_(void)
{
	struct roofline_state_ *s = &roofline_state_;
	struct roofline_thread_ *t;
	struct roofline_totals_ *r;
	size_t i;

	if (*s->alive == 0)
		roofline_forked_();
	t = roofline_thread_;
	if (t)
		return t;
	roofline_lock_();
	t = s->free;
	if (t)
		s->free = t->next;
	roofline_unlock_();
	if (!t) {
		t = roofline_new_thread_();
		if (!t)
			return NULL;
	}
	t->depth = t->deeper = t->forgiven = 0;
	t->process = s->process;
	t->tid = (pid_t)syscall(SYS_gettid);
	for (i = 0; i < t->nbuckets; i++)
		for (r = t->buckets[i]; r; r = r->next)
			r->new_thread = 1;
	roofline_open_(t);
	roofline_thread_ = t;
	if (s->has_key)
		(void)pthread_setspecific(s->key, t);
	return t;
}

ROOFLINE_FUNC_ uint32_t roofline_fnv_(const char *s)
{
	uint32_t h = 2166136261u;
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

/* Takes a slot. */
ROOFLINE_FUNC_ unsigned char *roofline_claim_(struct roofline_thread_ *t, const char *name, uint32_t hash)
{
	struct roofline_state_ *s = &roofline_state_;
	uint64_t i = roofline_get64_(s->board + 40);
	unsigned char *slot;
	size_t n;
	char tail[10];

	if (i < s->slots)
		i = __atomic_fetch_add((uint64_t *)(void *)(s->board + 40), 1, __ATOMIC_RELAXED);
	if (i >= s->slots) {
		roofline_note_(ROOFLINE_LOST_);
		return NULL;
	}
	slot = s->board + ROOFLINE_HEADER_ + i * s->slot_size;
	roofline_put32_(slot, 1);
	if (*name == '\0')
		name = "(unnamed)";
	n = strlen(name);
	if (n > ROOFLINE_MAX_NAME_) {
		memcpy(slot + ROOFLINE_NAME_, name, ROOFLINE_MAX_NAME_ - 9);
		sprintf(tail, "~%08x", (unsigned)hash);
		memcpy(slot + ROOFLINE_COPIES_ - 9, tail, 9);
		n = ROOFLINE_MAX_NAME_;
	} else {
		memcpy(slot + ROOFLINE_NAME_, name, n);
	}
	roofline_put32_(slot + 4, (uint32_t)getpid());
	roofline_put32_(slot + 8, (uint32_t)t->tid);
	roofline_put32_(slot + 12, (uint32_t)n);
	roofline_put64_(slot + 24, t->opened);
	roofline_put32_(slot + 32, t->error);
	roofline_put32_(slot + 36, t->refused);
	roofline_put64_(slot + 48, 1);
	roofline_put32_(slot, 2);
	return slot;
}

ROOFLINE_FUNC_ void roofline_grow_(struct roofline_thread_ *t)
{
	size_t n = 2 * t->nbuckets, i;
	struct roofline_totals_ **b = (struct roofline_totals_ **)calloc(n, sizeof *b), *r, *next;
	if (!b)
		return;
	for (i = 0; i < t->nbuckets; i++)
		for (r = t->buckets[i]; r; r = next) {
			next = r->next;
			r->next = b[r->hash % n];
			b[r->hash % n] = r;
		}
	free(t->buckets);
	t->buckets = b;
	t->nbuckets = n;
}

/* The region of this name in the calling thread; NULL when there is no memory. */
ROOFLINE_FUNC_ struct roofline_totals_ *roofline_find_(struct roofline_thread_ *t, const char *name, int make)
{
	uint32_t hash = roofline_fnv_(name);
	struct roofline_totals_ *r;
	size_t size;

	for (r = t->buckets[hash % t->nbuckets]; r; r = r->next)
		if (r->hash == hash && strcmp(r->name, name) == 0)
			break;
	if (r || !make) {
		if (r && r->new_thread && r->slot && make) {
			r->new_thread = 0;
			roofline_put32_(r->slot + 8, (uint32_t)t->tid);
			roofline_put64_(r->slot + 48, roofline_get64_(r->slot + 48) + 1);
			roofline_put64_(r->slot + 24, roofline_get64_(r->slot + 24) & t->opened);
			if (t->error)
				roofline_put32_(r->slot + 32, t->error);
		}
		return r;
	}
	size = strlen(name) + 1;
	r = (struct roofline_totals_ *)calloc(1, sizeof *r);
	if (!r)
		return NULL;
	r->name = (char *)malloc(size);
	r->total = roofline_words_();
	r->self = roofline_words_();
	if (!r->name || !r->total || !r->self) {
		free(r->name);
		free(r->total);
		free(r->self);
		free(r);
		return NULL;
	}
	memcpy(r->name, name, size);
	r->hash = hash;
	r->slot = roofline_claim_(t, name, hash);
	if (t->nregions++ > t->nbuckets)
		roofline_grow_(t);
	r->next = t->buckets[hash % t->nbuckets];
	t->buckets[hash % t->nbuckets] = r;
	return r;
}

ROOFLINE_FUNC_ void roofline_clock_(uint64_t *to)
{
	struct timespec ts;
	if (clock_gettime(CLOCK_MONOTONIC, &ts) == 0)
		to[0] = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

ROOFLINE_FUNC_ void roofline_usage_(uint64_t *to)
{
	struct rusage u;
	if (getrusage(RUSAGE_THREAD, &u) == 0) {
		to[1] = (uint64_t)u.ru_utime.tv_sec * 1000000000u + (uint64_t)u.ru_utime.tv_usec * 1000u;
		to[2] = (uint64_t)u.ru_stime.tv_sec * 1000000000u + (uint64_t)u.ru_stime.tv_usec * 1000u;
		to[3] = (uint64_t)u.ru_minflt;
		to[4] = (uint64_t)u.ru_majflt;
		to[5] = (uint64_t)u.ru_nvcsw;
		to[6] = (uint64_t)u.ru_nivcsw;
	}
}

ROOFLINE_FUNC_ void roofline_groups_(struct roofline_thread_ *t, uint64_t *to)
{
	uint64_t buf[3 + ROOFLINE_MAX_EVENTS_];
	uint64_t *times = to + 1 + ROOFLINE_USAGE_, *counts = times + 2 * roofline_state_.groups;
	uint32_t g, first = 0, n;
	ssize_t got;

	for (g = 0; g < roofline_state_.groups; g++, first += n) {
		n = roofline_state_.sizes[g];
		if (!(t->opened >> g & 1))
			continue;
		do
			got = read(t->fds[first], buf, (3 + n) * sizeof buf[0]);
		while (got < 0 && errno == EINTR);
		if (got != (ssize_t)((3 + n) * sizeof buf[0]))
			continue; /* what cannot be read adds nothing */
		times[2 * g] = buf[1];
		times[2 * g + 1] = buf[2];
		memcpy(counts + first, buf + 3, n * sizeof buf[0]);
	}
}

/* Gives what happened since the latest start or end to the region that was the innermost one meanwhile. */
ROOFLINE_FUNC_ void roofline_attribute_(struct roofline_thread_ *t, int frame)
{
	uint32_t i;
	if (frame >= 0)
		for (i = 0; i < roofline_state_.words; i++)
			t->frames[frame].region->self[i] += t->now[i] - t->last[i];
	memcpy(t->last, t->now, roofline_state_.words * sizeof t->now[0]);
}

/* Fills the copy that is not valid, then makes it valid: a crash at any instruction leaves one of the two complete. */
ROOFLINE_FUNC_ void roofline_publish_(struct roofline_totals_ *r)
{
	uint32_t n = roofline_state_.words, i;
	unsigned char *c;
	if (!r->slot)
		return;
	c = r->slot + ROOFLINE_COPIES_ + ((r->seq + 1) & 1) * 8 * (3 + 2 * n);
	roofline_put64_(c, r->calls);
	roofline_put64_(c + 8, r->first);
	roofline_put64_(c + 16, r->last);
	for (i = 0; i < n; i++) {
		roofline_put64_(c + 8 * (3 + i), r->total[i]);
		roofline_put64_(c + 8 * (3 + n + i), r->self[i]);
	}
	roofline_put64_(r->slot + 16, ++r->seq);
}

ROOFLINE_FUNC_ void roofline_pop_(struct roofline_thread_ *t)
{
	struct roofline_frame_ *f;
	struct roofline_totals_ *r;
	uint32_t i;

	roofline_attribute_(t, t->depth - 1);
	f = &t->frames[--t->depth];
	r = f->region;
	r->open--;
	r->calls++;
	if (r->open == 0) {
		for (i = 0; i < roofline_state_.words; i++)
			r->total[i] += t->now[i] - f->begin[i];
		if (r->first == 0)
			r->first = f->begin[0];
		r->last = t->now[0];
		roofline_publish_(r);
	} /* else the totals do not have yet what self has */
	if (r->slot)
		roofline_put64_(r->slot + 40, r->open);
}

/* roofline_active says whether regions are counted. */
ROOFLINE_FUNC_ int roofline_active(void)
{
	int ready = __atomic_load_n(&roofline_state_.ready, __ATOMIC_ACQUIRE);
	return (ready < 2 ? roofline_ready_() : ready) == 2;
}

/* roofline_start enters the region of this name. */
ROOFLINE_FUNC_ void roofline_start(const char *name)
{
	int saved = errno;
	struct roofline_thread_ *t;
	struct roofline_totals_ *r = NULL;
	struct roofline_frame_ *f;

	if (!roofline_active())
		return;
	t = roofline_current_();
	if (t && (t->depth == ROOFLINE_MAX_DEPTH_ || !(r = roofline_find_(t, name ? name : "", 1)))) {
		t->deeper++;
		roofline_note_(ROOFLINE_DEEP_);
	}
	if (r) {
		f = &t->frames[t->depth++];
		f->region = r;
		r->open++;
		if (r->slot)
			roofline_put64_(r->slot + 40, r->open);
		roofline_usage_(t->now);
		roofline_groups_(t, t->now);
		roofline_clock_(t->now);
		roofline_attribute_(t, t->depth - 2);
		if (r->open == 1)
			memcpy(f->begin, t->now, roofline_state_.words * sizeof t->now[0]);
	}
	errno = saved;
}

/* roofline_end leaves the region of this name, and with it regions that were started after it and not ended. */
ROOFLINE_FUNC_ void roofline_end(const char *name)
{
	int saved = errno, at;
	struct roofline_thread_ *t;
	struct roofline_totals_ *r;

	if (!roofline_active())
		return;
	t = roofline_current_();
	if (!t)
		return;
	if (t->deeper > 0) {
		t->deeper--;
		return;
	}
	roofline_clock_(t->now);
	roofline_groups_(t, t->now);
	roofline_usage_(t->now);
	r = roofline_find_(t, name ? name : "", 0);
	for (at = t->depth - 1; at >= 0 && t->frames[at].region != r; at--)
		;
	if (at < 0 && t->forgiven > 0) {
		t->forgiven--;
	} else if (at < 0) {
		roofline_note_(ROOFLINE_MISUSED_);
	} else {
		while (t->depth > at) {
			if (t->depth - 1 > at)
				roofline_note_(ROOFLINE_MISUSED_);
			roofline_pop_(t);
		}
	}
	errno = saved;
}

#ifdef __cplusplus
} /* extern "C" */

namespace roofline {
/* An entry of a region that lasts as long as its scope. */
class region {
public:
	explicit region(const char *name) : name_(name) { roofline_start(name_); }
	~region() { roofline_end(name_); }

private:
	region(const region &);
	region &operator=(const region &);
	const char *name_;
};
} /* namespace roofline */
#endif

#endif /* __linux__ */
#endif /* ROOFLINE_H */
