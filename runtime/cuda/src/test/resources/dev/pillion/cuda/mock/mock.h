/* What the mock libraries share: a log of calls, planned failures, handles that know what they are. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
/* Each library exports its controls under a prefix of its own. */
#define MOCK(name) JOIN(PREFIX, name)

static char *log_text;
static size_t log_length, log_capacity;
static int log_off;

static void note(const char *format, ...) {
    if (log_off) {
        return;
    }
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (log_length + length + 2 > log_capacity) {
        log_capacity = 2 * (log_length + length + 4096);
        log_text = realloc(log_text, log_capacity);
    }
    log_length += sprintf(log_text + log_length, "%s\n", line);
}

static char fail_function[64];
static int fail_countdown, fail_result;

/* The planned result if this is the call that shall fail, else 0. */
static int planned(const char *function) {
    if (fail_countdown > 0 && strcmp(function, fail_function) == 0 && --fail_countdown == 0) {
        note("%s fails with %d", function, fail_result);
        return fail_result;
    }
    return 0;
}

typedef struct handle {
    const char *kind;
    int serial;
    struct handle *next;
    int64_t a, b, c, d;
    void *data;
    const char *text;
} handle;

static handle *handles;

static handle *create(const char *kind) {
    int serial = 1;
    for (handle *h = handles; h; h = h->next) {
        if (strcmp(h->kind, kind) == 0 && h->serial >= serial) {
            serial = h->serial + 1;
        }
    }
    handle *h = calloc(1, sizeof *h);
    h->kind = kind;
    h->serial = serial;
    h->next = handles;
    handles = h;
    return h;
}

/* The handle, if it is a live one of this kind. */
static handle *find(const void *pointer, const char *kind) {
    for (handle *h = handles; h; h = h->next) {
        if (h == pointer) {
            return strcmp(h->kind, kind) == 0 ? h : NULL;
        }
    }
    return NULL;
}

static void drop(handle *gone) {
    for (handle **h = &handles; *h; h = &(*h)->next) {
        if (*h == gone) {
            *h = gone->next;
            free(gone);
            return;
        }
    }
}

const char *MOCK(log)(void) {
    return log_text ? log_text : "";
}

void MOCK(clear)(void) {
    log_length = 0;
    if (log_text) {
        *log_text = 0;
    }
}

void MOCK(quiet)(int quiet) {
    log_off = quiet;
}

/* The count-th call of the function from now on gives this result. */
void MOCK(fail)(const char *function, int count, int result) {
    snprintf(fail_function, sizeof fail_function, "%s", function);
    fail_countdown = count;
    fail_result = result;
}

/* How many handles of a kind are live. */
int MOCK(live)(const char *kind) {
    int count = 0;
    for (handle *h = handles; h; h = h->next) {
        count += strcmp(h->kind, kind) == 0;
    }
    return count;
}
