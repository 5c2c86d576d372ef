// Which processors the calling thread may run on (sched_setaffinity(2)): Swift's Glibc doesn't show it.

#ifndef CPROCESSORS_H
#define CPROCESSORS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sched.h>
#include <stdbool.h>

// Whether the thread may run on processor `number`.
static inline bool cprocessors_may_use(int number) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (number < 0 || number >= CPU_SETSIZE) return false;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_ISSET(number, &set);
}

// Keeps the thread, and what it starts, on processor `number`. 0 or a negated errno.
static inline int cprocessors_pin(int number) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(number, &set);
    return sched_setaffinity(0, sizeof set, &set) < 0 ? -errno : 0;
}

#endif
