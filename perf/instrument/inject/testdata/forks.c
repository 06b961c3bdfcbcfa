#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline, noclone)) double work(const volatile double *x) {
    double s = 0;
    for (int i = 0; i < 8; i++) s += x[i];
    return s;
}

static volatile double x[8], sum;

int main(void) {
    for (int i = 0; i < 50; i++) sum += work(x);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 50; i++) sum += work(x);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    if (status != 0) return 3;
    kill(getpid(), SIGKILL);
    return 0;
}
