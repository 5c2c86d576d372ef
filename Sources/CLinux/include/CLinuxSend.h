// sendmmsg of messages gathered from frames, each one datagram or several of one length that the
// kernel cuts apart (UDP_SEGMENT).
#pragma once

#include "CLinuxReceive.h"

enum { clinux_send_slots = 64, clinux_segments = 64 };

union clinux_send_control {
    struct cmsghdr alignment;
    unsigned char bytes[CMSG_SPACE(sizeof(uint16_t))];
};

struct clinux_sender {
    struct clinux_message messages[clinux_send_slots];
    union clinux_name names[clinux_send_slots];
    union clinux_send_control controls[clinux_send_slots];
    struct iovec vectors[clinux_send_slots][clinux_segments];
};

// Begins the slot's message: nothing in it yet.
static inline void clinux_sender_begin(
    struct clinux_sender *sender, int slot, struct clinux_address destination) {
    struct msghdr *header = &sender->messages[slot].header;
    memset(header, 0, sizeof *header);
    header->msg_name = &sender->names[slot];
    header->msg_namelen = clinux_name_set(&sender->names[slot], destination);
    header->msg_iov = sender->vectors[slot];
}

// Adds a datagram's bytes, which stay where they are until the message is sent. At most
// clinux_segments to a message.
static inline void clinux_sender_append(
    struct clinux_sender *sender, int slot, void *bytes, size_t count) {
    struct msghdr *header = &sender->messages[slot].header;
    struct iovec *vector = &sender->vectors[slot][header->msg_iovlen++];
    vector->iov_base = bytes;
    vector->iov_len = count;
}

// Moves the only datagram of slot `from` to the end of the message of slot `to`.
static inline void clinux_sender_join(struct clinux_sender *sender, int from, int to) {
    struct iovec *vector = sender->messages[from].header.msg_iov;
    clinux_sender_append(sender, to, vector->iov_base, vector->iov_len);
}

// Moves a message to a slot that is free. Its name and vectors stay where they are.
static inline void clinux_sender_move(struct clinux_sender *sender, int from, int to) {
    sender->messages[to] = sender->messages[from];
}

// Has the kernel cut the message into datagrams of `bytes`, the last one may be shorter. After
// the moves: the slot's control memory is used.
static inline void clinux_sender_segment(struct clinux_sender *sender, int slot, uint16_t bytes) {
    struct msghdr *header = &sender->messages[slot].header;
    header->msg_control = &sender->controls[slot];
    header->msg_controllen = sizeof sender->controls[slot];
    struct cmsghdr *item = CMSG_FIRSTHDR(header);
    item->cmsg_level = IPPROTO_UDP;
    item->cmsg_type = UDP_SEGMENT;
    item->cmsg_len = CMSG_LEN(sizeof bytes);
    memcpy(CMSG_DATA(item), &bytes, sizeof bytes);
}

// Sends the messages of `count` slots from `first` on. How many were sent, or a negated errno if
// the first of them was not.
static inline int clinux_send(struct clinux_sender *sender, int descriptor, int first, int count) {
    long result = syscall(
        SYS_sendmmsg, descriptor, &sender->messages[first], count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return result < 0 ? -errno : (int)result;
}

// Sends one datagram of a message by itself. 0 or a negated errno.
static inline int clinux_send_one(
    struct clinux_sender *sender, int descriptor, int slot, int segment) {
    struct msghdr header = sender->messages[slot].header;
    header.msg_iov += segment;
    header.msg_iovlen = 1;
    header.msg_control = NULL;
    header.msg_controllen = 0;
    return sendmsg(descriptor, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
