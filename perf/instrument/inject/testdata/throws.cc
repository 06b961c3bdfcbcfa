// Exceptions that cross the functions, which therefore must not run as copies, and functions that nothing crosses.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <stdexcept>

__attribute__((noipa)) void thrower(int i) {
    if (i % 3 == 0) throw std::runtime_error("x");
}

extern "C" __attribute__((noipa)) double crossed(const double *x, int i) {
    double s = x[0] + x[1];
    thrower(i);
    return s;
}

extern "C" __attribute__((noipa)) double catches(const double *x, int i) {
    try {
        thrower(i);
    } catch (std::exception &) {
        return x[0] + x[1];
    }
    return 0;
}

extern "C" __attribute__((noipa)) double calls(const double *x, void (*f)(int)) {
    f(3);
    return x[0] + x[1];
}

extern "C" __attribute__((noipa)) double quiet(const double *x, double *y, int n) {
    memcpy(y, x, n * sizeof *x);
    return y[0] + std::sin(y[1]);
}

int main(int argc, char **) {
    double x[2] = {1, 0}, y[2], s = 0;
    int caught = 0;
    for (int i = 0; i < 9; i++) try {
            s += crossed(x, i) + catches(x, i) + quiet(x, y, argc + 1);
        } catch (std::exception &) {
            caught++;
        }
    try {
        calls(x, thrower);
    } catch (std::exception &) {
        caught++;
    }
    printf("%g %d\n", s, caught);
}
