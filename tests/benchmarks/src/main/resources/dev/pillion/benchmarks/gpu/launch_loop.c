/*
 * What a kernel launch costs a C program: launches the entry "nothing" of a PTX file again and again and prints the median
 * of the host's nanoseconds per launch. The driver is opened by name, so neither headers nor libraries of CUDA are needed.
 *
 *   launch_loop LIBRARY PTX LAUNCHES REPETITIONS
 */
#define _POSIX_C_SOURCE 199309L

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef int (*launch_call)(
    void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **);
typedef int (*synchronize_call)(void *);

#define CALL(name, ...) ((int (*)(__VA_ARGS__))function(#name))

static void *library;

static void *function(const char *name) {
    void *found = dlsym(library, name);
    if (!found) {
        fprintf(stderr, "the driver has no %s\n", name);
        exit(2);
    }
    return found;
}

static void check(int result, const char *what) {
    if (result != 0) {
        fprintf(stderr, "%s: CUDA error %d\n", what, result);
        exit(3);
    }
}

static char *text_of(const char *name) {
    FILE *file = fopen(name, "rb");
    char *text = calloc(1, 1 << 16);
    if (!file || !text || fread(text, 1, (1 << 16) - 1, file) == 0) {
        fprintf(stderr, "cannot read %s\n", name);
        exit(2);
    }
    fclose(file);
    return text;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments) {
    int device, launches, repetitions;
    void *context, *module, *kernel, *stream;
    long long addresses[5] = {0, 0, 0, 0, 0};
    int numbers[3] = {0, 0, 0};
    void *parameters[8];
    double *samples;

    if (count != 5) {
        fprintf(stderr, "launch_loop LIBRARY PTX LAUNCHES REPETITIONS\n");
        return 2;
    }
    launches = atoi(arguments[3]);
    repetitions = atoi(arguments[4]);
    samples = calloc((size_t)repetitions, sizeof(double));
    library = dlopen(arguments[1], RTLD_NOW);
    if (!library || !samples || launches < 1 || repetitions < 1) {
        fprintf(stderr, "cannot start: %s\n", library ? "bad numbers" : dlerror());
        return 2;
    }
    check(CALL(cuInit, unsigned)(0), "cuInit");
    check(CALL(cuDeviceGet, int *, int)(&device, 0), "cuDeviceGet");
    check(CALL(cuDevicePrimaryCtxRetain, void **, int)(&context, device), "cuDevicePrimaryCtxRetain");
    check(CALL(cuCtxSetCurrent, void *)(context), "cuCtxSetCurrent");
    check(CALL(cuModuleLoadDataEx, void **, const void *, unsigned, void *, void *)(
              &module, text_of(arguments[2]), 0, NULL, NULL), "cuModuleLoadDataEx");
    check(CALL(cuModuleGetFunction, void **, void *, const char *)(&kernel, module, "nothing"), "cuModuleGetFunction");
    check(CALL(cuStreamCreate, void **, unsigned)(&stream, 1), "cuStreamCreate");

    launch_call launch = (launch_call)function("cuLaunchKernel");
    synchronize_call synchronize = (synchronize_call)function("cuStreamSynchronize");
    for (int i = 0; i < 5; i++) {
        parameters[i] = &addresses[i];
    }
    for (int i = 0; i < 3; i++) {
        parameters[5 + i] = &numbers[i];
    }
    /* One repetition warms up. */
    for (int r = -1; r < repetitions; r++) {
        int result = 0;
        double begin = now();
        for (int n = 0; n < launches; n++) {
            addresses[0] = n;
            numbers[0] = n;
            result |= launch(kernel, 1, 1, 1, 128, 1, 1, 0, stream, parameters, NULL);
        }
        double end = now();
        check(result, "cuLaunchKernel");
        check(synchronize(stream), "cuStreamSynchronize");
        samples[r < 0 ? 0 : r] = (end - begin) / launches;
    }
    qsort(samples, (size_t)repetitions, sizeof(double), ascending);
    printf("%.3f\n", samples[repetitions / 2]);
    return 0;
}
