// Threads and a forked process that begin after the function was called once by the thread which makes them.
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noipa)) double work(const double *x) {
    double s = 0;
    for (int i = 0; i < 8; i++)
        if (x[i] > 2) s += x[i];
        else s -= x[i];
    return s;
}

static const double x[8] = {1, 2, 3, 4, 0, 1, 2, 3};

static void *run(void *arg) {
    for (int i = 0; i < 20000; i++)
        if (work(x) != 4) *(int *)arg = 1;
    return 0;
}

int main(void) {
    int bad = work(x) != 4;
    pthread_t t[4];
    for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, run, &bad);
    for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
    pid_t child = fork(); // parent and child run at the same time
    pthread_create(&t[0], 0, run, &bad);
    run(&bad);
    pthread_join(t[0], 0);
    if (child == 0) _exit(bad);
    int status;
    waitpid(child, &status, 0);
    printf("%s\n", bad || status ? "wrong" : "ok");
    return 0;
}
