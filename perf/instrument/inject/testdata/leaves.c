#include <stdio.h>
#include <stdlib.h>

/* Adds rounds times, and ends by a conditional jump to labs(x) of the C library, which gets x and returns to the caller. */
long leaves(long x, long rounds);

/* The same, but -2 where a register is not kept that belongs to the caller. */
long guarded(long x, long rounds);

__asm__(
    ".text\n"
    ".globl leaves\n"
    ".type leaves, @function\n"
    "leaves:\n"
    "  pxor %xmm0, %xmm0\n"
    "  pxor %xmm1, %xmm1\n"
    "1: addsd %xmm1, %xmm0\n"
    "  dec %rsi\n"
    "  jz labs@PLT\n"
    "  jmp 1b\n"
    ".size leaves, . - leaves\n"
    ".globl guarded\n"
    ".type guarded, @function\n"
    "guarded:\n"
    "  push %r15\n"
    "  push %r14\n"
    "  sub $8, %rsp\n"
    "  mov $0x5a5a, %r15d\n"
    "  mov $0x5b5b, %r14d\n"
    "  call leaves\n"
    "  cmp $0x5a5a, %r15\n"
    "  jne 2f\n"
    "  cmp $0x5b5b, %r14\n"
    "  je 3f\n"
    "2: mov $-2, %rax\n"
    "3: add $8, %rsp\n"
    "  pop %r14\n"
    "  pop %r15\n"
    "  ret\n"
    ".size guarded, . - guarded\n");

int main(void) {
    for (long i = 1; i <= 3; i++) printf("%ld ", guarded(-i, 5));
    puts("");
    return 0;
}
