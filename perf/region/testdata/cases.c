/* The hard cases of marking, one per argument. header_test.go knows what each of them must leave on the board. */
#include "roofline.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void other_source(void); /* in cases_other.c */

/* Causes n page faults. */
static void touch(int n)
{
	long page = sysconf(_SC_PAGESIZE), i;
	char *mem = mmap(NULL, n * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		exit(9);
	madvise(mem, n * page, MADV_NOHUGEPAGE);
	for (i = 0; i < n; i++)
		mem[i * page] = 1;
	munmap(mem, n * page);
}

static void nested(void)
{
	int i;
	roofline_start("outer");
	touch(100);
	for (i = 0; i < 3; i++) {
		roofline_start("inner");
		touch(1000);
		roofline_end("inner");
	}
	other_source();
	roofline_end("outer");
}

static void recur(int n)
{
	roofline_start("f");
	if (n > 1)
		recur(n - 1);
	touch(50);
	roofline_end("f");
}

static void *worker(void *n)
{
	roofline_start("worker");
	touch(*(int *)n);
	roofline_end("worker");
	return NULL;
}

static void threads(int together)
{
	int faults[4] = {1000, 2000, 3000, 4000}, i;
	pthread_t t[4];
	for (i = 0; i < 4; i++) {
		if (pthread_create(&t[i], NULL, worker, &faults[i]) != 0)
			exit(9);
		if (!together)
			pthread_join(t[i], NULL);
	}
	for (i = 0; together && i < 4; i++)
		pthread_join(t[i], NULL);
}

static int descriptors(void)
{
	int n = 0, fd;
	for (fd = 0; fd < 1000; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Threads that come and go leave no descriptor behind. */
static void churn(void)
{
	int i, one = 1, before;
	pthread_t t;
	before = descriptors();
	for (i = 0; i < 300; i++) {
		if (pthread_create(&t, NULL, worker, &one) != 0)
			exit(9);
		pthread_join(t, NULL);
	}
	if (descriptors() != before)
		exit(8);
}

static void forks(void)
{
	int status;
	pid_t child;
	roofline_start("before");
	roofline_end("before");
	roofline_start("across");
	child = fork();
	if (child == 0) {
		roofline_start("child");
		touch(500);
		roofline_end("child");
		roofline_start("before");
		roofline_end("before");
		roofline_end("across"); /* the parent's: not counted here, and no mistake */
		_exit(0);
	}
	waitpid(child, &status, 0);
	roofline_end("across");
	if (status != 0)
		exit(7);
}

static void misuse(void)
{
	roofline_end("never started");
	roofline_start("a");
	roofline_start("b");
	roofline_end("a"); /* ends b too */
	roofline_end("b");
	roofline_start("open");
}

static void many(void)
{
	char name[32];
	int i, round;
	for (round = 0; round < 2; round++)
		for (i = 0; i < 5000; i++) {
			sprintf(name, "region %d", i);
			roofline_start(name);
			roofline_end(name);
		}
}

static void deep(void)
{
	char name[32];
	int i;
	for (i = 0; i < 70; i++) {
		sprintf(name, "level %d", i);
		roofline_start(name);
	}
	while (i-- > 0) {
		sprintf(name, "level %d", i);
		roofline_end(name);
	}
}

static void names(void)
{
	char longer[600];
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	roofline_start("\x1b[31m\n\xff");
	roofline_end("\x1b[31m\n\xff");
	roofline_start(longer);
	roofline_end(longer);
	roofline_start("");
	roofline_end("");
	roofline_start(NULL);
	roofline_end(NULL);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	if (strcmp(what, "nested") == 0)
		nested();
	else if (strcmp(what, "recursion") == 0)
		recur(10);
	else if (strcmp(what, "threads") == 0)
		threads(1);
	else if (strcmp(what, "one after the other") == 0)
		threads(0);
	else if (strcmp(what, "churn") == 0)
		churn();
	else if (strcmp(what, "fork") == 0)
		forks();
	else if (strcmp(what, "misuse") == 0)
		misuse();
	else if (strcmp(what, "many") == 0)
		many();
	else if (strcmp(what, "deep") == 0)
		deep();
	else if (strcmp(what, "names") == 0)
		names();
	else if (strcmp(what, "exec") == 0) {
		roofline_start("before exec");
		roofline_end("before exec");
		execl(argv[0], argv[0], "nested", (char *)NULL);
		return 9;
	} else if (strcmp(what, "closed") == 0) { /* a launcher that closes what it does not know */
		int fd;
		for (fd = 3; fd < 1000; fd++)
			close(fd);
		execl(argv[0], argv[0], "recursion", (char *)NULL);
		return 9;
	} else if (strcmp(what, "killed") == 0) {
		roofline_start("done");
		roofline_end("done");
		roofline_start("under way");
		raise(SIGKILL);
	} else if (strcmp(what, "killed in a recursion") == 0) {
		recur(2);
		roofline_start("f");
		roofline_start("f");
		touch(1000);
		roofline_end("f");
		raise(SIGKILL);
	} else if (strcmp(what, "active") == 0)
		return roofline_active() ? 0 : 1;
	else
		return 2;
	return 0;
}
