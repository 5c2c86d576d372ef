// What Swift cannot say: prefetches, the match of ten 16-bit tags in a few vector instructions,
// and memory from the kernel that is zero before it is touched. Header only, but for this target's
// empty C file, so that every function is compiled into its caller.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define HP_INLINE static inline __attribute__((always_inline))

/// Asks for the cache line at `address`, to be read soon. Never faults.
HP_INLINE void hp_prefetch(const void *_Nonnull address) {
    __builtin_prefetch(address, 0, 3);
}

/// Asks for the cache line at `address`, to be written soon. Never faults.
HP_INLINE void hp_prefetch_for_write(const void *_Nonnull address) {
    __builtin_prefetch(address, 1, 3);
}

/// Bit i of the result says whether tag i equals `tag`, for the ten 16-bit tags at `tags`. Reads
/// 32 bytes from there: the caller's line goes on for at least 12 bytes after its tags.
HP_INLINE uint32_t hp_match_ten_tags(const void *_Nonnull tags, uint16_t tag) {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi16((short)tag);
    const __m128i low = _mm_loadu_si128((const __m128i *)tags);
    const __m128i high = _mm_loadu_si128((const __m128i *)tags + 1);
    const __m128i equal =
        _mm_packs_epi16(_mm_cmpeq_epi16(low, wanted), _mm_cmpeq_epi16(high, wanted));
    return (uint32_t)_mm_movemask_epi8(equal) & 0x3FF;
#else
    const uint16_t *each = (const uint16_t *)tags;
    uint32_t mask = 0;
    for (int i = 0; i < 10; i++) mask |= (uint32_t)(each[i] == tag) << i;
    return mask;
#endif
}

/// Bytes of a huge page on the machines that we know.
#define HP_HUGE_PAGE_BYTES ((size_t)2 << 20)

/// Private zeroed memory of `bytes` bytes, in huge pages where the kernel has them and the size
/// asks for it. Costs nothing until touched. NULL when the kernel refuses.
HP_INLINE void *_Nullable hp_map_zeroed(size_t bytes) {
    const size_t slack = bytes >= HP_HUGE_PAGE_BYTES ? HP_HUGE_PAGE_BYTES : 0;
    char *start = (char *)mmap(NULL, bytes + slack, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == (char *)MAP_FAILED) return NULL;
    if (slack == 0) return start;
    // A huge page begins at a multiple of its size: cut off what lies before and after.
    const size_t before = (size_t)(-(uintptr_t)start & (HP_HUGE_PAGE_BYTES - 1));
    if (before > 0) munmap(start, before);
    if (slack > before) munmap(start + before + bytes, slack - before);
    madvise(start + before, bytes, MADV_HUGEPAGE);
    return start + before;
}

HP_INLINE void hp_unmap(void *_Nonnull start, size_t bytes) {
    munmap(start, bytes);
}

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/// Backs `bytes` bytes from `start` with pages, changing nothing that stands there; another thread
/// may be using them. Both page-aligned. 0 when done.
HP_INLINE int hp_populate(void *_Nonnull start, size_t bytes) {
    return madvise(start, bytes, MADV_POPULATE_WRITE);
}
