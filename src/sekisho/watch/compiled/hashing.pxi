# Keyed hashes: SipHash-1-3 (Aumasson and Bernstein) of a text; a folded product joins two hashes that are secret already.

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    #define SEKISHO_ROTATED(x, b) (((x) << (b)) | ((x) >> (64 - (b))))
    #define SEKISHO_ROUND \
        v0 += v1; v1 = SEKISHO_ROTATED(v1, 13) ^ v0; v0 = SEKISHO_ROTATED(v0, 32); \
        v2 += v3; v3 = SEKISHO_ROTATED(v3, 16) ^ v2; \
        v0 += v3; v3 = SEKISHO_ROTATED(v3, 21) ^ v0; \
        v2 += v1; v1 = SEKISHO_ROTATED(v1, 17) ^ v2; v2 = SEKISHO_ROTATED(v2, 32);

    static inline uint64_t sekisho_hash(const char *text, size_t size, uint64_t k0, uint64_t k1) {
        uint64_t v0 = k0 ^ 0x736f6d6570736575ULL, v1 = k1 ^ 0x646f72616e646f6dULL;
        uint64_t v2 = k0 ^ 0x6c7967656e657261ULL, v3 = k1 ^ 0x7465646279746573ULL;
        uint64_t word, last = (uint64_t)size << 56;
        size_t left = size;
        for (; left >= 8; left -= 8, text += 8) {
            memcpy(&word, text, 8);
            v3 ^= word; SEKISHO_ROUND v0 ^= word;
        }
        for (size_t i = 0; i < left; i++) last |= (uint64_t)(unsigned char)text[i] << (8 * i);
        v3 ^= last; SEKISHO_ROUND v0 ^= last;
        v2 ^= 0xff;
        SEKISHO_ROUND SEKISHO_ROUND SEKISHO_ROUND
        return v0 ^ v1 ^ v2 ^ v3;
    }

    static inline uint64_t sekisho_joined(uint64_t a, uint64_t b) {
        __uint128_t product = (__uint128_t)(a ^ 0xa0761d6478bd642fULL) * (b ^ 0xe7037ed1a0b428dbULL);
        uint64_t whole = (uint64_t)product ^ (uint64_t)(product >> 64);
        return whole ? whole : 1;
    }

    static inline uint64_t sekisho_place(uint64_t hash, uint64_t room) {
        return (uint64_t)(((__uint128_t)hash * room) >> 64);  /* any room, and in the order of the hashes */
    }

    static inline int64_t sekisho_time(const char *at) {
        uint64_t time = 0;
        memcpy(&time, at, 6);
        return (int64_t)time;
    }

    static inline void sekisho_set_time(char *at, int64_t time) { memcpy(at, &time, 6); }

    #define SEKISHO_PREFETCH(p) __builtin_prefetch(p, 1)
    """
    uint64_t hash_of "sekisho_hash"(const char *text, size_t size, uint64_t k0, uint64_t k1) noexcept nogil
    uint64_t joined "sekisho_joined"(uint64_t a, uint64_t b) noexcept nogil
    uint64_t place_of "sekisho_place"(uint64_t hash, uint64_t room) noexcept nogil
    int64_t time_at "sekisho_time"(const char *at) noexcept nogil
    void set_time "sekisho_set_time"(char *at, int64_t time) noexcept nogil
    void prefetch "SEKISHO_PREFETCH"(const void *at) noexcept nogil
