#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

/* 2·500 operations; the sum is exact. */
__attribute__((noinline, noclone)) double work(const double *x, long n) {
  double s = 0;
  for (long i = 0; i < n; i++) s += x[i] * 2;
  return s;
}

static double x[500];
static volatile long mine, handled, wrong; /* calls by main, calls by the handler */

/* It calls the function that it has interrupted. */
static void on_alarm(int sig) {
  (void)sig;
  handled++;
  if (work(x, 500) != 500 * 501) wrong++;
}

/* What it calls meanwhile is the C library: the copy is not at work. */
__attribute__((noinline, noclone)) double raises(const double *x, long n) {
  double s = work(x, n);
  raise(SIGUSR1);
  return s + 1;
}

static void on_user(int sig) {
  (void)sig;
  static int once;
  if (!once++ && raises(x, 500) != 500 * 501 + 1) wrong++;
}

int main(void) {
  for (int i = 0; i < 500; i++) x[i] = i + 1;
  signal(SIGALRM, on_alarm);
  struct sigaction a = {.sa_handler = on_user, .sa_flags = SA_NODEFER};
  sigaction(SIGUSR1, &a, 0);
  if (raises(x, 500) != 500 * 501 + 1) wrong++;
  mine += 2;
  struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &often, 0);
  while (handled < 200) {
    mine++;
    if (work(x, 500) != 500 * 501) wrong++;
  }
  setitimer(ITIMER_REAL, &never, 0);
  printf("%ld calls, %ld wrong\n", mine + handled, wrong);
  return 0;
}
