// UDP sockets: addresses, binding, options, and the classic BPF filters.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

// An address of either family with a port, all numbers in the host's byte order. IPv4 lies in the
// low 32 bits of `low`.
struct clinux_address {
    uint64_t high;
    uint64_t low;
    uint16_t port;
    bool is_ipv4;
};

union clinux_name {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static inline socklen_t clinux_name_set(union clinux_name *name, struct clinux_address address) {
    memset(name, 0, sizeof *name);
    if (address.is_ipv4) {
        name->v4.sin_family = AF_INET;
        name->v4.sin_port = htons(address.port);
        name->v4.sin_addr.s_addr = htonl((uint32_t)address.low);
        return sizeof name->v4;
    }
    uint64_t high = __builtin_bswap64(address.high), low = __builtin_bswap64(address.low);
    name->v6.sin6_family = AF_INET6;
    name->v6.sin6_port = htons(address.port);
    memcpy(name->v6.sin6_addr.s6_addr, &high, 8);
    memcpy(name->v6.sin6_addr.s6_addr + 8, &low, 8);
    return sizeof name->v6;
}

static inline struct clinux_address clinux_name_get(const union clinux_name *name) {
    struct clinux_address address = {0, 0, 0, true};
    if (name->any.sa_family == AF_INET) {
        address.port = ntohs(name->v4.sin_port);
        address.low = ntohl(name->v4.sin_addr.s_addr);
        return address;
    }
    uint64_t high, low;
    memcpy(&high, name->v6.sin6_addr.s6_addr, 8);
    memcpy(&low, name->v6.sin6_addr.s6_addr + 8, 8);
    address.is_ipv4 = false;
    address.port = ntohs(name->v6.sin6_port);
    address.high = __builtin_bswap64(high);
    address.low = __builtin_bswap64(low);
    return address;
}

static inline int clinux_set_option(int descriptor, int level, int option, int value) {
    return setsockopt(descriptor, level, option, &value, sizeof value) == 0 ? 0 : -errno;
}

// A non-blocking UDP socket, closed on exec, of the family only (no mapped addresses).
static inline int clinux_udp_socket(bool is_ipv4) {
    int kind = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int descriptor = socket(is_ipv4 ? AF_INET : AF_INET6, kind, 0);
    if (descriptor < 0) return -errno;
    if (!is_ipv4) {
        int result = clinux_set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        if (result < 0) {
            close(descriptor);
            return result;
        }
    }
    return descriptor;
}

static inline int clinux_bind(int descriptor, struct clinux_address address) {
    union clinux_name name;
    socklen_t length = clinux_name_set(&name, address);
    return bind(descriptor, &name.any, length) == 0 ? 0 : -errno;
}

// The port that a socket is bound to.
static inline int clinux_bound_port(int descriptor) {
    union clinux_name name;
    socklen_t length = sizeof name;
    if (getsockname(descriptor, &name.any, &length) != 0) return -errno;
    return clinux_name_get(&name).port;
}

// Asks for buffers; the kernel silently gives what its limit allows. Returns the receive buffer's
// size as the kernel accounts it.
static inline int clinux_size_buffers(int descriptor, int receive_bytes, int send_bytes) {
    int result = clinux_set_option(descriptor, SOL_SOCKET, SO_RCVBUF, receive_bytes);
    if (result == 0) result = clinux_set_option(descriptor, SOL_SOCKET, SO_SNDBUF, send_bytes);
    int given = 0;
    socklen_t length = sizeof given;
    if (result < 0) return result;
    if (getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &given, &length) != 0) return -errno;
    return given;
}

static inline int clinux_report_overflow(int descriptor) {
    return clinux_set_option(descriptor, SOL_SOCKET, SO_RXQ_OVFL, 1);
}

static inline int clinux_join_received(int descriptor) {
    return clinux_set_option(descriptor, IPPROTO_UDP, UDP_GRO, 1);
}

static inline int clinux_share_port(int descriptor) {
    return clinux_set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
}

// The filter of a reuse-port group: the big-endian 16 bits at `offset` of the UDP payload, modulo
// `count`, name the group's socket in order of binding. A shorter payload ends the program with 0.
static inline int clinux_steer_group(int descriptor, uint32_t offset, uint32_t count) {
    struct sock_filter code[] = {
        {BPF_LD | BPF_H | BPF_ABS, 0, 0, offset},
        {BPF_ALU | BPF_MOD | BPF_K, 0, 0, count},
        {BPF_RET | BPF_A, 0, 0, 0},
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    int result = setsockopt(
        descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
    return result == 0 ? 0 : -errno;
}

// Makes the kernel refuse everything that comes to a socket which only sends.
static inline int clinux_receive_nothing(int descriptor) {
    struct sock_filter code[] = {{BPF_RET | BPF_K, 0, 0, 0}};
    struct sock_fprog program = {1, code};
    int result = setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    return result == 0 ? 0 : -errno;
}
