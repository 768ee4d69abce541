/*
 * A stand-in for the CUDA driver, for tests of the calls that reach it: two devices whose memory is the host's, kernels that
 * do nothing but note their arguments. Where the toolkit's header is found the compiler checks these definitions against it.
 */
#if __has_include(<cuda.h>)
#include <cuda.h>
#else
#include "cuda_declarations.h"
#endif
#define PREFIX cuda_mock_
#include "mock.h"

#define DEVICES 2
#define MEMORY (1L << 30)

static int started, lost, busy, version = 13000;
static int64_t used;
static handle *primary[DEVICES];
static __thread handle *current;

/* A sticky result: from here on every call of the device gives it, until its last user lets go. */
static CUresult outcome(const char *function) {
    int result = planned(function);
    if (result >= 700 && result < 720) {
        lost = result;
    }
    return result ? result : lost;
}

#define START(function)                        \
    do {                                       \
        CUresult planned_ = outcome(function); \
        if (planned_) return planned_;         \
        if (!started) return 3;                \
    } while (0)

/* Calls that are about the calling thread's context. */
#define ENTER(function)                                        \
    do {                                                       \
        START(function);                                       \
        if (!current || !find(current, "context")) return 201; \
    } while (0)

/* As ENTER, for calls of a step; while the mock is quiet they end here, so that a benchmark measures the call. */
#define STEP(function)        \
    do {                      \
        ENTER(function);      \
        if (log_off) return 0; \
    } while (0)

void cuda_mock_busy(int value) { busy = value; }
void cuda_mock_version(int value) { version = value; }
int64_t cuda_mock_used(void) { return used; }
/* Forgets what a test left behind, so that the next starts afresh. */
void cuda_mock_reset(void) {
    lost = busy = fail_countdown = 0;
    version = 13000;
    cuda_mock_clear();
}

static const struct { int result; const char *name, *text; } RESULTS[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
};

CUresult cuGetErrorName(CUresult error, const char **text) {
    for (size_t i = 0; i < sizeof RESULTS / sizeof *RESULTS; i++) {
        if (RESULTS[i].result == (int) error) return *text = RESULTS[i].name, 0;
    }
    return *text = NULL, 1;
}

CUresult cuGetErrorString(CUresult error, const char **text) {
    for (size_t i = 0; i < sizeof RESULTS / sizeof *RESULTS; i++) {
        if (RESULTS[i].result == (int) error) return *text = RESULTS[i].text, 0;
    }
    return *text = NULL, 1;
}

CUresult cuInit(unsigned int flags) {
    int result = planned("cuInit");
    if (result) return result;
    note("cuInit(%u)", flags);
    started = 1;
    return 0;
}

CUresult cuDriverGetVersion(int *out) { return *out = version, 0; }

CUresult cuDeviceGetCount(int *count) {
    START("cuDeviceGetCount");
    return *count = DEVICES, 0;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
    START("cuDeviceGet");
    if (ordinal < 0 || ordinal >= DEVICES) return 101;
    return *device = 40 + ordinal, 0;
}

static int valid(CUdevice device) { return device >= 40 && device < 40 + DEVICES; }

CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
    if (!valid(device)) return 101;
    snprintf(name, length, "Mock GPU %d", device - 40);
    return 0;
}

CUresult cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice device) {
    if (!valid(device)) return 101;
    for (int i = 0; i < 16; i++) ((unsigned char *) uuid)[i] = 16 * (device - 40) + i;
    return 0;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
    if (!valid(device)) return 101;
    return *bytes = MEMORY, 0;
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device) {
    START("cuDeviceGetAttribute");
    if (!valid(device)) return 101;
    switch ((int) attribute) {
        case 75: return *value = device == 40 ? 9 : 7, 0; /* compute capability 9.0 and 7.5 */
        case 76: return *value = device == 40 ? 0 : 5, 0;
        case 16: return *value = 132, 0;
        case 97: return *value = 232448, 0;
        case 81: return *value = 233472, 0;
        case 39: return *value = 2048, 0;
        case 38: return *value = 52428800, 0;
        default: return 1;
    }
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *out, CUdevice device) {
    START("cuDevicePrimaryCtxRetain");
    if (!valid(device)) return 101;
    handle **context = &primary[device - 40];
    if (!*context) *context = create("context");
    (*context)->a++;
    note("cuDevicePrimaryCtxRetain(%d) users=%d", device, (int) (*context)->a);
    return *out = (CUcontext) *context, 0;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    if (!valid(device) || !primary[device - 40]) return 201;
    handle *context = primary[device - 40];
    note("cuDevicePrimaryCtxRelease(%d) users=%d", device, (int) --context->a);
    if (context->a == 0) {
        drop(context);
        primary[device - 40] = NULL;
        lost = 0;
    }
    return 0;
}

CUresult cuCtxSetCurrent(CUcontext context) {
    note("cuCtxSetCurrent(%s)", context ? "context" : "none");
    if (context && !find(context, "context")) return 201;
    current = (handle *) context;
    return 0;
}

CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
    ENTER("cuMemGetInfo");
    *free = MEMORY - used;
    *total = MEMORY;
    return 0;
}

CUresult cuMemAlloc_v2(CUdeviceptr *out, size_t bytes) {
    ENTER("cuMemAlloc");
    if (bytes == 0) return 1;
    if (used + (int64_t) bytes > MEMORY) return 2;
    handle *memory = create("memory");
    memory->a = bytes;
    memory->data = aligned_alloc(256, (bytes + 255) / 256 * 256);
    used += bytes;
    note("cuMemAlloc(%zu) memory#%d", bytes, memory->serial);
    return *out = (CUdeviceptr) (uintptr_t) memory->data, 0;
}

CUresult cuMemFree_v2(CUdeviceptr address) {
    ENTER("cuMemFree");
    for (handle *h = handles; h; h = h->next) {
        if (strcmp(h->kind, "memory") == 0 && h->data == (void *) (uintptr_t) address) {
            note("cuMemFree(memory#%d)", h->serial);
            used -= h->a;
            free(h->data);
            drop(h);
            return 0;
        }
    }
    return 1;
}

CUresult cuMemHostAlloc(void **out, size_t bytes, unsigned int flags) {
    ENTER("cuMemHostAlloc");
    handle *memory = create("pinned");
    memory->data = *out = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    note("cuMemHostAlloc(%zu, %u) pinned#%d", bytes, flags, memory->serial);
    return 0;
}

CUresult cuMemFreeHost(void *address) {
    ENTER("cuMemFreeHost");
    for (handle *h = handles; h; h = h->next) {
        if (strcmp(h->kind, "pinned") == 0 && h->data == address) {
            note("cuMemFreeHost(pinned#%d)", h->serial);
            free(h->data);
            drop(h);
            return 0;
        }
    }
    return 1;
}

/* What a stream handle is called in the log; NULL is the default stream. */
static const char *stream_name(CUstream stream) {
    static char name[32];
    handle *h = find(stream, "stream");
    snprintf(name, sizeof name, h ? "stream#%d" : stream ? "no stream" : "default", h ? h->serial : 0);
    return name;
}

#define STREAM(stream)                                  \
    handle *stream_ = find(stream, "stream");           \
    if (stream && !stream_) return 400;                 \
    if (stream_ && stream_->a) stream_->b++

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void *source, size_t bytes, CUstream stream) {
    STEP("cuMemcpyHtoDAsync");
    STREAM(stream);
    note("cuMemcpyHtoDAsync(%zu, %s)", bytes, stream_name(stream));
    memcpy((void *) (uintptr_t) target, source, bytes);
    return 0;
}

CUresult cuMemcpyDtoHAsync_v2(void *target, CUdeviceptr source, size_t bytes, CUstream stream) {
    STEP("cuMemcpyDtoHAsync");
    STREAM(stream);
    note("cuMemcpyDtoHAsync(%zu, %s)", bytes, stream_name(stream));
    memcpy(target, (void *) (uintptr_t) source, bytes);
    return 0;
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream stream) {
    STEP("cuMemcpyDtoDAsync");
    STREAM(stream);
    note("cuMemcpyDtoDAsync(%zu, %s)", bytes, stream_name(stream));
    memcpy((void *) (uintptr_t) target, (void *) (uintptr_t) source, bytes);
    return 0;
}

CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t bytes, CUstream stream) {
    STEP("cuMemsetD8Async");
    STREAM(stream);
    note("cuMemsetD8Async(%u, %zu, %s)", value, bytes, stream_name(stream));
    memset((void *) (uintptr_t) target, value, bytes);
    return 0;
}

CUresult cuStreamCreate(CUstream *out, unsigned int flags) {
    ENTER("cuStreamCreate");
    handle *stream = create("stream");
    note("cuStreamCreate(%u) stream#%d", flags, stream->serial);
    return *out = (CUstream) stream, 0;
}

CUresult cuStreamDestroy_v2(CUstream stream) {
    ENTER("cuStreamDestroy");
    handle *h = find(stream, "stream");
    if (!h) return 400;
    note("cuStreamDestroy(%s)", stream_name(stream));
    drop(h);
    return 0;
}

CUresult cuStreamSynchronize(CUstream stream) {
    STEP("cuStreamSynchronize");
    STREAM(stream);
    note("cuStreamSynchronize(%s)", stream_name(stream));
    return 0;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int flags) {
    STEP("cuStreamWaitEvent");
    STREAM(stream);
    handle *h = find(event, "event");
    if (!h) return 400;
    note("cuStreamWaitEvent(%s, event#%d, %u)", stream_name(stream), h->serial, flags);
    return 0;
}

CUresult cuEventCreate(CUevent *out, unsigned int flags) {
    ENTER("cuEventCreate");
    handle *event = create("event");
    note("cuEventCreate(%u) event#%d", flags, event->serial);
    return *out = (CUevent) event, 0;
}

CUresult cuEventDestroy_v2(CUevent event) {
    ENTER("cuEventDestroy");
    handle *h = find(event, "event");
    if (!h) return 400;
    note("cuEventDestroy(event#%d)", h->serial);
    drop(h);
    return 0;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
    STEP("cuEventRecord");
    STREAM(stream);
    handle *h = find(event, "event");
    if (!h) return 400;
    note("cuEventRecord(event#%d, %s)", h->serial, stream_name(stream));
    return 0;
}

CUresult cuEventQuery(CUevent event) {
    STEP("cuEventQuery");
    return !find(event, "event") ? 400 : busy ? 600 : 0;
}

CUresult cuEventSynchronize(CUevent event) {
    STEP("cuEventSynchronize");
    handle *h = find(event, "event");
    if (!h) return 400;
    note("cuEventSynchronize(event#%d)", h->serial);
    return 0;
}

/* As a driver before CUDA 12.8 there is no second version of this. */
#undef cuEventElapsedTime
CUresult cuEventElapsedTime(float *millis, CUevent start, CUevent end) {
    ENTER("cuEventElapsedTime");
    handle *from = find(start, "event"), *to = find(end, "event");
    if (!from || !to) return 400;
    note("cuEventElapsedTime(event#%d, event#%d)", from->serial, to->serial);
    return *millis = 1.5f, 0;
}

CUresult cuModuleLoadDataEx(
        CUmodule *out, const void *image, unsigned int count, CUjit_option *options, void **values) {
    ENTER("cuModuleLoadDataEx");
    const char *bad = strstr(image, "bad_instruction");
    for (unsigned int i = 0; bad && i < count; i++) {
        if ((int) options[i] == 5 && i + 1 < count && (int) options[i + 1] == 6) {
            snprintf(values[i], (size_t) (uintptr_t) values[i + 1], "ptxas, line 7; error: unknown opcode near '%.15s'\n", bad);
        }
    }
    if (bad) return 218;
    handle *module = create("module");
    module->data = strdup(image);
    note("cuModuleLoadDataEx(%zu characters, %u options) module#%d", strlen(image), count, module->serial);
    return *out = (CUmodule) module, 0;
}

CUresult cuModuleUnload(CUmodule module) {
    ENTER("cuModuleUnload");
    handle *h = find(module, "module");
    if (!h) return 400;
    note("cuModuleUnload(module#%d)", h->serial);
    /* The kernels go with it. */
    for (handle *f = handles, *next; f; f = next) {
        next = f->next;
        if (strcmp(f->kind, "function") == 0 && f->data == h) drop(f);
    }
    free(h->data);
    drop(h);
    return 0;
}

CUresult cuModuleGetFunction(CUfunction *out, CUmodule module, const char *name) {
    ENTER("cuModuleGetFunction");
    handle *h = find(module, "module");
    if (!h) return 400;
    char entry[256];
    snprintf(entry, sizeof entry, ".entry %s(", name);
    const char *found = strstr(h->data, entry);
    if (!found) return 500;
    handle *function = create("function");
    function->data = h;
    function->text = found;
    note("cuModuleGetFunction(module#%d, %s) function#%d", h->serial, name, function->serial);
    return *out = (CUfunction) function, 0;
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
    ENTER("cuFuncSetAttribute");
    handle *h = find(function, "function");
    if (!h) return 400;
    if (value > 232448) return 1;
    note("cuFuncSetAttribute(function#%d, %d, %d)", h->serial, (int) attribute, value);
    return 0;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction function, int threads, size_t shared) {
    ENTER("cuOccupancyMaxActiveBlocksPerMultiprocessor");
    if (!find(function, "function")) return 400;
    note("cuOccupancyMaxActiveBlocksPerMultiprocessor(%d, %zu)", threads, shared);
    return *blocks = 2048 / threads, 0;
}

/* Writes the arguments as sizes and hexadecimal values, by the parameters the PTX declares. */
static void arguments(const char *entry, void **parameters, char *out, size_t room) {
    const char *end = strchr(entry, ')');
    size_t length = 0;
    for (const char *p = strstr(entry, ".param ."); p && p < end; p = strstr(p + 1, ".param .")) {
        int bytes = atoi(p + 9) / 8;
        uint64_t value = 0;
        memcpy(&value, *parameters++, bytes);
        length += snprintf(out + length, room - length, " %d:%llx", bytes, (unsigned long long) value);
    }
}

CUresult cuLaunchKernel(
        CUfunction function, unsigned int gx, unsigned int gy, unsigned int gz, unsigned int bx, unsigned int by,
        unsigned int bz, unsigned int shared, CUstream stream, void **parameters, void **extra) {
    STEP("cuLaunchKernel");
    STREAM(stream);
    handle *h = find(function, "function");
    if (!h || extra) return h ? 1 : 400;
    char text[1024] = "";
    arguments(h->text, parameters, text, sizeof text);
    note("cuLaunchKernel(function#%d, %ux%ux%u, %ux%ux%u, %u, %s)%s", h->serial, gx, gy, gz, bx, by, bz, shared,
         stream_name(stream), text);
    return 0;
}

CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode) {
    ENTER("cuStreamBeginCapture");
    handle *h = find(stream, "stream");
    if (!h) return 400;
    if (h->a) return 901;
    note("cuStreamBeginCapture(%s, %d)", stream_name(stream), (int) mode);
    h->a = 1;
    h->b = 0;
    return 0;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph *out) {
    *out = NULL;
    ENTER("cuStreamEndCapture");
    handle *h = find(stream, "stream");
    if (!h || !h->a) return 400;
    h->a = 0;
    handle *graph = create("recorded");
    graph->a = h->b;
    note("cuStreamEndCapture(%s) recorded#%d with %d nodes", stream_name(stream), graph->serial, (int) graph->a);
    return *out = (CUgraph) graph, 0;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *out, CUgraph graph, unsigned long long flags) {
    ENTER("cuGraphInstantiateWithFlags");
    handle *recorded = find(graph, "recorded");
    if (!recorded) return 400;
    handle *exec = create("graph");
    exec->a = recorded->a;
    note("cuGraphInstantiateWithFlags(recorded#%d, %llu) graph#%d", recorded->serial, flags, exec->serial);
    return *out = (CUgraphExec) exec, 0;
}

CUresult cuGraphLaunch(CUgraphExec graph, CUstream stream) {
    STEP("cuGraphLaunch");
    STREAM(stream);
    handle *h = find(graph, "graph");
    if (!h) return 400;
    note("cuGraphLaunch(graph#%d, %s) nodes=%d", h->serial, stream_name(stream), (int) h->a);
    return 0;
}

CUresult cuGraphDestroy(CUgraph graph) {
    handle *h = find(graph, "recorded");
    if (!h) return 400;
    note("cuGraphDestroy(recorded#%d)", h->serial);
    drop(h);
    return 0;
}

CUresult cuGraphExecDestroy(CUgraphExec graph) {
    ENTER("cuGraphExecDestroy");
    handle *h = find(graph, "graph");
    if (!h) return 400;
    note("cuGraphExecDestroy(graph#%d)", h->serial);
    drop(h);
    return 0;
}
