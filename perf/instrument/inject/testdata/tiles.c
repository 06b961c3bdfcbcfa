// Products of tiles: a function that configures them, one whose caller does, and one that does twice, differently.
#include <immintrin.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct config {
  unsigned char palette, start, reserved[14];
  unsigned short row_bytes[16];
  unsigned char rows[16];
};

static unsigned short a[16 * 32] __attribute__((aligned(64))), b[16 * 32] __attribute__((aligned(64)));

static void configure(int rows) {
  struct config c;
  memset(&c, 0, sizeof c);
  c.palette = 1;
  for (int i = 0; i < 8; i++) {
    c.row_bytes[i] = 64;
    c.rows[i] = i == 2 ? 16 : rows;
  }
  __asm__ volatile("ldtilecfg %0" ::"m"(c) : "memory");
}

__attribute__((noinline)) void inner(int n) {
  for (int i = 0; i < n; i++)
    _tile_dpbf16ps(0, 1, 2);
}

__attribute__((noinline)) float outer(int rows, int n) {
  float c[256];
  configure(rows);
  _tile_zero(0);
  _tile_loadd(1, a, 64);
  _tile_loadd(2, b, 64);
  inner(n);
  _tile_stored(0, c, 64);
  _tile_release();
  return c[0];
}

__attribute__((noinline)) float twice(int n) {
  float sum = outer(16, n);
  return sum + outer(5, n);
}

static void *thread(void *arg) {
  outer(7, 100);
  return arg;
}

int main(int argc, char **argv) {
  if (syscall(SYS_arch_prctl, 0x1023, 18))
    return 1;
  for (int i = 0; i < 16 * 32; i++)
    a[i] = b[i] = 0x3f80;
  if (argc > 1)
    printf("%g\n", twice(100));
  else {
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    printf("%g\n", outer(16, 100) + outer(16, 100));
    pthread_join(t, NULL);
  }
  return 0;
}
