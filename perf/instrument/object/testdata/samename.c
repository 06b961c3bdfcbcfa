// Two functions of one name, in two files; see samename2.c.
static __attribute__((noinline)) long work(volatile long *p) { return *p + 1; }
long first(long x) {
  volatile long v = x;
  return work(&v);
}
