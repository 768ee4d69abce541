/* A stand-in for cuBLASLt: keeps what descriptors say and multiplies 32-bit floats as they say. */
#include <stddef.h>
#define PREFIX lt_mock_
#include "mock.h"

typedef struct { uint64_t data[8]; } algorithm;
typedef struct { algorithm algo; size_t workspace; int state; float waves; int reserved[4]; } heuristic;

static int no_algorithm;
void lt_mock_no_algorithm(int value) { no_algorithm = value; }

#define START(function)                    \
    do {                                   \
        int planned_ = planned(function);  \
        if (planned_) return planned_;     \
    } while (0)

const char *cublasLtGetStatusName(int status) {
    return status == 15 ? "CUBLAS_STATUS_NOT_SUPPORTED" : status == 13 ? "CUBLAS_STATUS_EXECUTION_FAILED" : "CUBLAS_STATUS_OTHER";
}

const char *cublasLtGetStatusString(int status) {
    return status == 15 ? "the requested functionality is not supported" : "the GPU program failed to execute";
}

size_t cublasLtGetVersion(void) { return 130204; }

int cublasLtCreate(void **out) {
    START("cublasLtCreate");
    return *out = create("library"), 0;
}

int cublasLtDestroy(void *library) {
    handle *h = find(library, "library");
    return h ? drop(h), 0 : 7;
}

int cublasLtMatmulDescCreate(void **out, int compute, int scale) {
    START("cublasLtMatmulDescCreate");
    handle *h = create("operation");
    note("cublasLtMatmulDescCreate(%d, %d)", compute, scale);
    return *out = h, 0;
}

int cublasLtMatmulDescDestroy(void *operation) {
    handle *h = find(operation, "operation");
    return h ? drop(h), 0 : 7;
}

int cublasLtMatmulDescSetAttribute(void *operation, int attribute, const void *value, size_t bytes) {
    handle *h = find(operation, "operation");
    if (!h || bytes != 4) return 7;
    note("cublasLtMatmulDescSetAttribute(%d, %d)", attribute, *(const int *) value);
    if (attribute == 3) h->a = *(const int *) value;
    return 0;
}

int cublasLtMatrixLayoutCreate(void **out, int type, uint64_t rows, uint64_t columns, int64_t leading) {
    START("cublasLtMatrixLayoutCreate");
    handle *h = create("layout");
    h->a = type;
    h->b = rows;
    h->c = columns;
    h->d = leading;
    note("cublasLtMatrixLayoutCreate(%d, %d, %d, %d)", type, (int) rows, (int) columns, (int) leading);
    return *out = h, 0;
}

int cublasLtMatrixLayoutDestroy(void *layout) {
    handle *h = find(layout, "layout");
    return h ? drop(h), 0 : 7;
}

int cublasLtMatmulPreferenceCreate(void **out) { return *out = create("preference"), 0; }

int cublasLtMatmulPreferenceDestroy(void *preference) {
    handle *h = find(preference, "preference");
    return h ? drop(h), 0 : 7;
}

int cublasLtMatmulPreferenceSetAttribute(void *preference, int attribute, const void *value, size_t bytes) {
    handle *h = find(preference, "preference");
    if (!h || bytes != 8) return 7;
    note("cublasLtMatmulPreferenceSetAttribute(%d, %lld)", attribute, (long long) *(const int64_t *) value);
    if (attribute == 1) h->a = *(const int64_t *) value;
    return 0;
}

int cublasLtMatmulAlgoGetHeuristic(
        void *library, void *operation, void *a, void *b, void *c, void *d, void *preference, int wanted,
        heuristic *results, int *found) {
    START("cublasLtMatmulAlgoGetHeuristic");
    handle *limit = find(preference, "preference");
    if (!find(library, "library") || !find(operation, "operation") || !find(a, "layout") || !find(b, "layout")
        || !find(c, "layout") || !find(d, "layout") || !limit || wanted != 1) return 7;
    *found = !no_algorithm;
    if (*found) {
        memset(results, 0, sizeof *results);
        for (int i = 0; i < 8; i++) results->algo.data[i] = 0xa1907150 + i;
        results->workspace = limit->a;
    }
    return 0;
}

int cublasLtMatmul(
        void *library, void *operation, const float *alpha, const float *a, void *a_layout, const float *b, void *b_layout,
        const float *beta, const float *c, void *c_layout, float *d, void *d_layout, const algorithm *algo,
        void *workspace, size_t bytes, void *stream) {
    START("cublasLtMatmul");
    handle *op = find(operation, "operation"), *la = find(a_layout, "layout"), *lb = find(b_layout, "layout");
    handle *ld = find(d_layout, "layout");
    if (!find(library, "library") || !op || !la || !lb || !find(c_layout, "layout") || !ld || c != d) return 7;
    for (int i = 0; i < 8; i++) {
        if (algo->data[i] != 0xa1907150ull + i) return 7;
    }
    note("cublasLtMatmul(alpha=%g, beta=%g, workspace=%llx of %zu, stream=%llx)", *alpha, *beta,
         (unsigned long long) (uintptr_t) workspace, bytes, (unsigned long long) (uintptr_t) stream);
    if (la->a != 0 || ld->a != 0) return 0;
    int64_t inner = op->a ? la->b : la->c;
    for (int64_t column = 0; column < ld->c; column++) {
        for (int64_t row = 0; row < ld->b; row++) {
            float sum = 0;
            for (int64_t k = 0; k < inner; k++) {
                sum += a[op->a ? k + row * la->d : row + k * la->d] * b[k + column * lb->d];
            }
            float *out = &d[row + column * ld->d];
            *out = *alpha * sum + (*beta == 0 ? 0 : *beta * *out);
        }
    }
    return 0;
}
