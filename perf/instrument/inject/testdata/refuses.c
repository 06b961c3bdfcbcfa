// A program that forbids itself the system call by which the kernel sets GS, and goes on.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

__attribute__((noinline, noclone)) double work(const double *x, double f) {
    double s = 0;
    for (int i = 0; i < 32; i++) s += x[i] * f;
    return s;
}

static double x[32], sum;

static void *run(void *arg) {
    for (int i = 0; i < 1000; i++) sum += work(x, 1);
    return arg;
}

int main(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_arch_prctl, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    pthread_t t;
    for (int i = 0; i < 32; i++) x[i] = 1;
    for (int i = 0; i < 3; i++) sum += work(x, 1);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        printf("no filter\n");
        return 0;
    }
    if (pthread_create(&t, 0, run, 0) || pthread_join(t, 0)) return 1;
    printf("%.0f\n", sum);
    return 0;
}
