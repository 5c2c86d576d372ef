// Waiting, waking, time and randomness.
#pragma once

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline int clinux_eventfd(void) {
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

// Makes the event readable. It can only fail when it already is.
static inline void clinux_event_signal(int descriptor) {
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written;
}

// Makes it unreadable again.
static inline void clinux_event_clear(int descriptor) {
    uint64_t value;
    ssize_t count = read(descriptor, &value, sizeof value);
    (void)count;
}

// ppoll with a timeout in nanoseconds; a negative one waits for ever. Number of ready descriptors
// or a negated errno. (By system call, because glibc declares ppoll for _GNU_SOURCE only.)
static inline int clinux_poll(struct pollfd *items, int count, int64_t nanoseconds) {
    struct timespec timeout = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    long result = syscall(
        SYS_ppoll, items, (unsigned)count, nanoseconds < 0 ? NULL : &timeout, NULL, (size_t)8);
    return result < 0 ? -errno : (int)result;
}

static inline uint64_t clinux_boot_nanoseconds(void) {
    struct timespec now;
    clock_gettime(7 /* CLOCK_BOOTTIME */, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Gives the calling thread, and none that it starts, the lowest of the real-time priorities
// (SCHED_RR): it runs before whatever has none. 0 or a negated errno.
static inline int clinux_take_real_time(void) {
    struct sched_param parameters = {.sched_priority = 1};
    int policy = SCHED_RR | 0x40000000 /* SCHED_RESET_ON_FORK */;
    return sched_setscheduler(0, policy, &parameters) < 0 ? -errno : 0;
}

// Wall-clock microseconds since 1970, for captures only.
static inline uint64_t clinux_epoch_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

// 64 random bits of the kernel's. 0 or a negated errno.
static inline int clinux_random(uint64_t *value) {
    for (;;) {
        ssize_t count = getrandom(value, sizeof *value, 0);
        if (count == (ssize_t)sizeof *value) return 0;
        if (count < 0 && errno != EINTR) return -errno;
    }
}
