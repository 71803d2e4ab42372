/* Faults of a machine, for the tests: a clock that is off, a disk that is full. Loaded before the C library (LD_PRELOAD).
 *
 *   FAULT_CLOCK_SECONDS   how far the wall clock is ahead (negative: behind)
 *   FAULT_DISK_FULL       while this file is there, no write to the files of a database (karat.db..) gets through
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t which, struct timespec *out) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(which, out);
    const char *ahead = getenv("FAULT_CLOCK_SECONDS");
    if (result == 0 && which == CLOCK_REALTIME && ahead) out->tv_sec += atol(ahead);
    return result;
}

static int is_full_for(int file) {
    const char *sign = getenv("FAULT_DISK_FULL");
    if (!sign || access(sign, F_OK) != 0) return 0;
    char place[64], path[4096];
    snprintf(place, sizeof place, "/proc/self/fd/%d", file);
    ssize_t length = readlink(place, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "/karat.db") != NULL;
}

#define WRITES(name, parameters, arguments)                                   \
    ssize_t name parameters {                                                 \
        static ssize_t(*real) parameters;                                     \
        if (!real) real = dlsym(RTLD_NEXT, #name);                            \
        if (is_full_for(file)) {                                              \
            errno = ENOSPC;                                                   \
            return -1;                                                        \
        }                                                                     \
        return real arguments;                                                \
    }

WRITES(write, (int file, const void *bytes, size_t count), (file, bytes, count))
WRITES(pwrite, (int file, const void *bytes, size_t count, off_t at), (file, bytes, count, at))
WRITES(pwrite64, (int file, const void *bytes, size_t count, off64_t at), (file, bytes, count, at))
