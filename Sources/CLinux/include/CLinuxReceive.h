// recvmmsg into staging buffers, with the size of joined datagrams (UDP_GRO) and the count of those
// that the kernel threw away (SO_RXQ_OVFL).
#pragma once

#include "CLinuxSocket.h"

#include <sys/syscall.h>
#include <sys/uio.h>

enum { clinux_receive_slots = 32, clinux_staging_bytes = 65536 };
// Not a power of two, so that the beginnings of the buffers don't share a cache set.
enum { clinux_staging_stride = clinux_staging_bytes + 2048 + 64 };

// The kernel's struct mmsghdr, which glibc hides without _GNU_SOURCE.
struct clinux_message {
    struct msghdr header;
    unsigned int length;
};

union clinux_receive_control {
    struct cmsghdr alignment;
    unsigned char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint32_t))];
};

struct clinux_receiver {
    struct clinux_message messages[clinux_receive_slots];
    struct iovec vectors[clinux_receive_slots];
    union clinux_name names[clinux_receive_slots];
    union clinux_receive_control controls[clinux_receive_slots];
};

// One received datagram; `segment_bytes` is 0 if it was not joined from several.
struct clinux_datagram {
    struct clinux_address source;
    uint32_t length;
    uint32_t segment_bytes;
    uint32_t overflow;
    bool has_overflow;
};

// `staging` has clinux_receive_slots * clinux_staging_stride bytes and outlives the receiver.
static inline void clinux_receiver_prepare(struct clinux_receiver *receiver, void *staging) {
    memset(receiver, 0, sizeof *receiver);
    for (int slot = 0; slot < clinux_receive_slots; slot++) {
        receiver->vectors[slot].iov_base = (char *)staging + (size_t)slot * clinux_staging_stride;
        receiver->vectors[slot].iov_len = clinux_staging_bytes;
        receiver->messages[slot].header.msg_iov = &receiver->vectors[slot];
        receiver->messages[slot].header.msg_iovlen = 1;
        receiver->messages[slot].header.msg_name = &receiver->names[slot];
        receiver->messages[slot].header.msg_control = &receiver->controls[slot];
    }
}

// How many datagrams came, at most `count`; or a negated errno.
static inline int clinux_receive(struct clinux_receiver *receiver, int descriptor, int count) {
    if (count > clinux_receive_slots) count = clinux_receive_slots;
    for (int slot = 0; slot < count; slot++) {
        receiver->messages[slot].header.msg_namelen = sizeof receiver->names[slot];
        receiver->messages[slot].header.msg_controllen = sizeof receiver->controls[slot];
    }
    long result = syscall(
        SYS_recvmmsg, descriptor, receiver->messages, count, MSG_DONTWAIT, NULL);
    return result < 0 ? -errno : (int)result;
}

// The slot's datagram; `slot` is below what clinux_receive returned.
static inline struct clinux_datagram clinux_received(struct clinux_receiver *receiver, int slot) {
    struct msghdr *header = &receiver->messages[slot].header;
    struct clinux_datagram datagram = {
        clinux_name_get(&receiver->names[slot]), receiver->messages[slot].length, 0, 0, false};
    for (struct cmsghdr *item = CMSG_FIRSTHDR(header); item; item = CMSG_NXTHDR(header, item)) {
        if (item->cmsg_level == IPPROTO_UDP && item->cmsg_type == UDP_GRO) {
            int bytes;
            memcpy(&bytes, CMSG_DATA(item), sizeof bytes);
            datagram.segment_bytes = bytes > 0 ? (uint32_t)bytes : 0;
        } else if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&datagram.overflow, CMSG_DATA(item), sizeof datagram.overflow);
            datagram.has_overflow = true;
        }
    }
    return datagram;
}

static inline void *clinux_staged(struct clinux_receiver *receiver, int slot) {
    return receiver->vectors[slot].iov_base;
}

// Datagrams that the kernel threw away at this socket since it was made; they reach
// clinux_datagram.overflow only with the next one that is kept.
static inline int64_t clinux_overflow(int descriptor) {
    uint32_t values[9] = {0};  // SK_MEMINFO_VARS
    socklen_t length = sizeof values;
    if (getsockopt(descriptor, SOL_SOCKET, 55 /* SO_MEMINFO */, values, &length) != 0) {
        return -errno;
    }
    return values[8];  // SK_MEMINFO_DROPS
}
