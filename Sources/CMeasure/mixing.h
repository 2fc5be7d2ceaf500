/* Hashing, the same on every little-endian machine and in every process. */
#ifndef REPROCESS_MIXING_H
#define REPROCESS_MIXING_H

#include <stdint.h>
#include <string.h>

#define REPROCESS_NULL_HASH 0x6c8e9cf570932bd5u
#define REPROCESS_ROW_SEED 0x9e3779b97f4a7c15u

/* The finalizer of MurmurHash3 (public domain, Austin Appleby): a permutation, so that integers never collide. */
static inline uint64_t mixed(uint64_t value) {
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdu;
    value ^= value >> 33;
    value *= 0xc4ceb9fe1a85ec53u;
    value ^= value >> 33;
    return value;
}

static inline uint64_t folded(uint64_t left, uint64_t right) {
    unsigned __int128 product = (unsigned __int128)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t loaded64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint32_t loaded32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint64_t mixed128(uint64_t low, uint64_t high) { return mixed(low ^ mixed(high + REPROCESS_ROW_SEED)); }

/* Takes a value into the hash of its row. Order matters, so that exchanged columns are another row. */
static inline uint64_t joined(uint64_t row, uint64_t value) {
    return ((row << 29 | row >> 35) ^ value) * 0x9fb21c651e98df25u;
}

/* Up to twelve bytes, with zeros behind them. */
static inline uint64_t short_text_hash(uint64_t head, uint32_t tail, uint32_t length) {
    return mixed(folded(head ^ 0xa0761d6478bd642fu, ((uint64_t)length << 32 | tail) ^ 0xe7037ed1a0b428dbu));
}

static inline uint64_t long_text_hash(const uint8_t *bytes, size_t length) {
    uint64_t state = 0x8ebc6af09c88c6e3u ^ length;
    const uint8_t *end = bytes + length;
    for (; end - bytes > 16; bytes += 16) {
        state = folded(loaded64(bytes) ^ 0x589965cc75374cc3u, loaded64(bytes + 8) ^ state);
    }
    /* The last bytes, nine to sixteen, or some more that were read before. */
    const uint8_t *rest = end - bytes < 8 ? end - 8 : bytes;
    return mixed(folded(loaded64(rest) ^ 0x1d8e4e27c47d124fu, loaded64(end - 8) ^ state));
}

#endif
