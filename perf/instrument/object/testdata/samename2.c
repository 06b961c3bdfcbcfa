static __attribute__((noinline)) long work(volatile long *p) { return *p + 2; }
long second(long x) {
  volatile long v = x;
  return work(&v);
}
