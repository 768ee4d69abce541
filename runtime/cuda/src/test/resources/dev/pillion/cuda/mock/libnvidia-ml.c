/* A stand-in for NVML: one device whose gauges stand still. */
#define PREFIX nvml_mock_
#include "mock.h"

typedef struct { unsigned int gpu, memory; } utilization;
typedef struct { unsigned long long total, free, used; } memory;

static int starts;
int64_t nvml_mock_starts(void) { return starts; }

#define START(function)                   \
    do {                                  \
        int planned_ = planned(function); \
        if (planned_) return planned_;    \
        if (starts <= 0) return 1;        \
    } while (0)

const char *nvmlErrorString(int result) { return result == 3 ? "Not Supported" : result == 6 ? "Not Found" : "Unknown Error"; }

int nvmlInit_v2(void) {
    int result = planned("nvmlInit");
    if (!result) starts++;
    return result;
}

int nvmlShutdown(void) { return starts > 0 ? starts--, 0 : 1; }

int nvmlDeviceGetHandleByUUID(const char *uuid, void **device) {
    START("nvmlDeviceGetHandleByUUID");
    note("nvmlDeviceGetHandleByUUID(%s)", uuid);
    if (strcmp(uuid, "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f") != 0) return 6;
    return *device = (void *) 0x77, 0;
}

int nvmlDeviceGetUtilizationRates(void *device, utilization *out) {
    START("nvmlDeviceGetUtilizationRates");
    out->gpu = 83;
    out->memory = 41;
    return device == (void *) 0x77 ? 0 : 2;
}

int nvmlDeviceGetMemoryInfo(void *device, memory *out) {
    START("nvmlDeviceGetMemoryInfo");
    out->total = 150754820096ull;
    out->used = 5000000000ull;
    out->free = out->total - out->used;
    return device == (void *) 0x77 ? 0 : 2;
}

int nvmlDeviceGetTemperature(void *device, int sensor, unsigned int *out) {
    START("nvmlDeviceGetTemperature");
    *out = sensor == 0 ? 64 : 0;
    return device == (void *) 0x77 ? 0 : 2;
}

int nvmlDeviceGetPowerUsage(void *device, unsigned int *out) {
    START("nvmlDeviceGetPowerUsage");
    *out = 412345;
    return device == (void *) 0x77 ? 0 : 2;
}

int nvmlDeviceGetClockInfo(void *device, int clock, unsigned int *out) {
    START("nvmlDeviceGetClockInfo");
    *out = clock == 1 ? 1980 : clock == 2 ? 3201 : 0;
    return device == (void *) 0x77 ? 0 : 2;
}
