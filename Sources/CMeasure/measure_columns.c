#include "measure_columns.h"

#include <math.h>
#include <string.h>

#include "mixing.h"

static inline bool is_valid(const uint64_t *validity, size_t row) {
    return validity == NULL || (validity[row / 64] >> (row % 64) & 1) != 0;
}

static inline void note(column_state *state, uint64_t hash) {
    size_t place = hash >> 52;
    uint8_t rank = (uint8_t)(__builtin_clzll(hash << 12 | 1u << 11) + 1);
    if (rank > state->registers[place]) state->registers[place] = rank;
}

static inline void add_wide(column_state *state, __int128 value) {
    unsigned __int128 before = state->sum;
    state->sum += (unsigned __int128)value;
    if (value < 0) {
        state->wraps -= state->sum > before;
    } else {
        state->wraps += state->sum < before;
    }
}

static void widen_bounds(column_state *state, __int128 least, __int128 greatest) {
    if (!state->has_values || least < state->least) state->least = least;
    if (!state->has_values || greatest > state->greatest) state->greatest = greatest;
    state->has_values = true;
}

/* The hash of a value is that of the number, not of its width: the width is in the name of the type. */
#define REPROCESS_HASH_OF_NUMBER(value) mixed((uint64_t)(int64_t)(value))

/* Loops of their own for what needs no look at the others, so that the compiler can vectorize them. */
#define REPROCESS_DEFINE_INTEGERS(name, type, wide, greatest_of_type, least_of_type)                                   \
    static void name(                                                                                                  \
        column_state *state, const type *values, const uint64_t *validity, size_t count, uint64_t *rows) {             \
        type least = greatest_of_type, greatest = least_of_type;                                                       \
        size_t nulls = 0;                                                                                              \
        __int128 sum = 0;                                                                                              \
        if (validity == NULL) {                                                                                        \
            for (size_t row = 0; row < count; row++) {                                                                 \
                least = values[row] < least ? values[row] : least;                                                     \
                greatest = values[row] > greatest ? values[row] : greatest;                                            \
            }                                                                                                          \
            wide narrow = 0;                                                                                           \
            for (size_t row = 0; row < count; row++) narrow += (wide)values[row];                                      \
            sum = narrow;                                                                                              \
            for (size_t row = 0; row < count; row++) {                                                                 \
                uint64_t hash = REPROCESS_HASH_OF_NUMBER(values[row]);                                                 \
                rows[row] = joined(rows[row], hash);                                                                   \
                note(state, hash);                                                                                     \
            }                                                                                                          \
        } else {                                                                                                       \
            for (size_t row = 0; row < count; row++) {                                                                 \
                if (!is_valid(validity, row)) {                                                                        \
                    rows[row] = joined(rows[row], REPROCESS_NULL_HASH);                                                \
                    nulls++;                                                                                           \
                    continue;                                                                                          \
                }                                                                                                      \
                type value = values[row];                                                                              \
                least = value < least ? value : least;                                                                 \
                greatest = value > greatest ? value : greatest;                                                        \
                sum += (__int128)value;                                                                                \
                uint64_t hash = REPROCESS_HASH_OF_NUMBER(value);                                                       \
                rows[row] = joined(rows[row], hash);                                                                   \
                note(state, hash);                                                                                     \
            }                                                                                                          \
        }                                                                                                              \
        state->nulls += (int64_t)nulls;                                                                                \
        if (nulls == count) return;                                                                                    \
        widen_bounds(state, (__int128)least, (__int128)greatest);                                                      \
        add_wide(state, sum);                                                                                          \
    }

/* A chunk has some thousand rows: sums of 32 bits fit 64, those of 64 need more. */
REPROCESS_DEFINE_INTEGERS(add_int8, int8_t, int64_t, INT8_MAX, INT8_MIN)
REPROCESS_DEFINE_INTEGERS(add_int16, int16_t, int64_t, INT16_MAX, INT16_MIN)
REPROCESS_DEFINE_INTEGERS(add_int32, int32_t, int64_t, INT32_MAX, INT32_MIN)
REPROCESS_DEFINE_INTEGERS(add_int64, int64_t, __int128, INT64_MAX, INT64_MIN)
REPROCESS_DEFINE_INTEGERS(add_uint8, uint8_t, uint64_t, UINT8_MAX, 0)
REPROCESS_DEFINE_INTEGERS(add_uint16, uint16_t, uint64_t, UINT16_MAX, 0)
REPROCESS_DEFINE_INTEGERS(add_uint32, uint32_t, uint64_t, UINT32_MAX, 0)
REPROCESS_DEFINE_INTEGERS(add_uint64, uint64_t, unsigned __int128, UINT64_MAX, 0)

static void add_int128(
    column_state *state, const duckdb_hugeint *values, const uint64_t *validity, size_t count, uint64_t *rows) {
    for (size_t row = 0; row < count; row++) {
        if (!is_valid(validity, row)) {
            rows[row] = joined(rows[row], REPROCESS_NULL_HASH);
            state->nulls++;
            continue;
        }
        __int128 value = (__int128)((unsigned __int128)(uint64_t)values[row].upper << 64 | values[row].lower);
        uint64_t hash = mixed128(values[row].lower, (uint64_t)values[row].upper);
        rows[row] = joined(rows[row], hash);
        note(state, hash);
        widen_bounds(state, value, value);
        add_wide(state, value);
    }
}

/* SQL knows one zero and one NaN, and so does Parquet's dictionary: which sign a zero has is no difference. */
static inline uint64_t canonical_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value == 0) return 0;
    return value != value ? 0x7ff8000000000000u : bits;
}

/* The bits as a number that compares as the values do, NaN above all. */
static inline int64_t ordered(uint64_t bits) { return (int64_t)bits ^ (int64_t)((uint64_t)((int64_t)bits >> 63) >> 1); }

#define REPROCESS_DEFINE_DOUBLES(name, type)                                                                           \
    static void name(                                                                                                  \
        column_state *state, const type *values, const uint64_t *validity, size_t count, uint64_t *rows) {             \
        int64_t least = INT64_MAX, greatest = INT64_MIN;                                                               \
        size_t nulls = 0;                                                                                              \
        for (size_t start = 0; start < count; start += REPROCESS_SUM_BLOCK) {                                          \
            size_t end = count - start < REPROCESS_SUM_BLOCK ? count : start + REPROCESS_SUM_BLOCK;                    \
            for (size_t row = start; row < end; row++) {                                                               \
                if (!is_valid(validity, row)) {                                                                        \
                    rows[row] = joined(rows[row], REPROCESS_NULL_HASH);                                                \
                    nulls++;                                                                                           \
                    continue;                                                                                          \
                }                                                                                                      \
                uint64_t bits = canonical_bits((double)values[row]), hash = mixed(bits);                               \
                int64_t rank = ordered(bits);                                                                          \
                least = rank < least ? rank : least;                                                                   \
                greatest = rank > greatest ? rank : greatest;                                                          \
                exact_sum_add(&state->doubles, bits);                                                                  \
                rows[row] = joined(rows[row], hash);                                                                   \
                note(state, hash);                                                                                     \
            }                                                                                                          \
            exact_sum_carry(&state->doubles);                                                                          \
        }                                                                                                              \
        state->nulls += (int64_t)nulls;                                                                                \
        if (nulls < count) widen_bounds(state, least, greatest);                                                       \
    }

REPROCESS_DEFINE_DOUBLES(add_float, float)
REPROCESS_DEFINE_DOUBLES(add_double, double)

uint64_t reprocess_text_hash(const uint8_t *bytes, size_t length) {
    if (length > 12) return long_text_hash(bytes, length);
    uint8_t padded[12] = {0};
    memcpy(padded, bytes, length);
    return short_text_hash(loaded64(padded), loaded32(padded + 8), (uint32_t)length);
}

static inline bool is_inlined(const duckdb_string_t *text) { return text->value.inlined.length <= 12; }

static inline const uint8_t *text_bytes(const duckdb_string_t *text) {
    return (const uint8_t *)(is_inlined(text) ? text->value.inlined.inlined : text->value.pointer.ptr);
}

/* DuckDB pads the twelve bytes with zeros, and relies on it when it compares. */
static inline uint64_t text_hash(const duckdb_string_t *text) {
    if (!is_inlined(text)) return long_text_hash(text_bytes(text), text->value.pointer.length);
    const uint8_t *bytes = text_bytes(text);
    return short_text_hash(loaded64(bytes), loaded32(bytes + 8), text->value.inlined.length);
}

static int compared(const uint8_t *left, size_t left_length, const kept_text *right) {
    size_t shared = left_length < right->length ? left_length : right->length;
    int order = memcmp(left, right->bytes, shared);
    return order != 0 ? order : (left_length > right->length) - (left_length < right->length);
}

static void keep(kept_text *kept, uint64_t key, const uint8_t *bytes, size_t length) {
    memcpy(kept->bytes, bytes, length);
    kept->length = length;
    kept->key = key;
}

static inline void bound_text(column_state *state, const duckdb_string_t *text) {
    const uint8_t *bytes = text_bytes(text);
    uint64_t key = __builtin_bswap64(loaded64(bytes));
    kept_text *least = &state->least_text, *greatest = &state->greatest_text;
    if (state->has_values && key > least->key && key < greatest->key) return;
    size_t length = text->value.inlined.length;
    if (length > REPROCESS_KEPT_TEXT) length = REPROCESS_KEPT_TEXT;
    if (!state->has_values) {
        keep(least, key, bytes, length);
        keep(greatest, key, bytes, length);
        state->has_values = true;
        return;
    }
    if (key <= least->key && compared(bytes, length, least) < 0) keep(least, key, bytes, length);
    if (key >= greatest->key && compared(bytes, length, greatest) > 0) keep(greatest, key, bytes, length);
}

static void add_text(
    column_state *state, const duckdb_string_t *values, const uint64_t *validity, size_t count, uint64_t *rows,
    bool has_order) {
    for (size_t row = 0; row < count; row++) {
        if (!is_valid(validity, row)) {
            rows[row] = joined(rows[row], REPROCESS_NULL_HASH);
            state->nulls++;
            continue;
        }
        uint64_t hash = text_hash(values + row);
        rows[row] = joined(rows[row], hash);
        note(state, hash);
        if (has_order) bound_text(state, values + row);
    }
}

typedef struct {
    int32_t months, days;
    int64_t micros;
} interval;

static inline uint64_t other_hash(reprocess_layout layout, const void *values, size_t row) {
    switch (layout) {
    case REPROCESS_INTERVAL: {
        const interval *value = (const interval *)values + row;
        uint64_t whole = (uint64_t)(uint32_t)value->months << 32 | (uint32_t)value->days;
        return mixed128((uint64_t)(value->micros / 1000), whole);
    }
    case REPROCESS_TIME_TZ: {
        const int64_t day = 86400000000;
        uint64_t bits = ((const uint64_t *)values)[row];
        int64_t offset = (int64_t)(57599 - (int64_t)(bits & 0xffffff)) * 1000000;
        return mixed((uint64_t)((((int64_t)(bits >> 24) - offset) % day + day) % day));
    }
    default: {
        const duckdb_hugeint *value = (const duckdb_hugeint *)values + row;
        return mixed128(value->lower, (uint64_t)value->upper);
    }
    }
}

static void add_others(
    column_state *state, reprocess_layout layout, const void *values, const uint64_t *validity, size_t count,
    uint64_t *rows) {
    for (size_t row = 0; row < count; row++) {
        if (!is_valid(validity, row)) {
            rows[row] = joined(rows[row], REPROCESS_NULL_HASH);
            state->nulls++;
            continue;
        }
        uint64_t hash = other_hash(layout, values, row);
        rows[row] = joined(rows[row], hash);
        note(state, hash);
    }
}

void reprocess_column_add(
    column_state *state, reprocess_layout layout, const void *values, const uint64_t *validity, size_t count,
    uint64_t *rows) {
    state->rows += (int64_t)count;
    switch (layout) {
    case REPROCESS_INT8: return add_int8(state, values, validity, count, rows);
    case REPROCESS_INT16: return add_int16(state, values, validity, count, rows);
    case REPROCESS_INT32: return add_int32(state, values, validity, count, rows);
    case REPROCESS_INT64: return add_int64(state, values, validity, count, rows);
    case REPROCESS_INT128: return add_int128(state, values, validity, count, rows);
    case REPROCESS_BOOLEAN:
    case REPROCESS_UINT8: return add_uint8(state, values, validity, count, rows);
    case REPROCESS_UINT16: return add_uint16(state, values, validity, count, rows);
    case REPROCESS_UINT32: return add_uint32(state, values, validity, count, rows);
    case REPROCESS_UINT64: return add_uint64(state, values, validity, count, rows);
    case REPROCESS_FLOAT: return add_float(state, values, validity, count, rows);
    case REPROCESS_DOUBLE: return add_double(state, values, validity, count, rows);
    case REPROCESS_TEXT: return add_text(state, values, validity, count, rows, true);
    case REPROCESS_BYTES: return add_text(state, values, validity, count, rows, false);
    case REPROCESS_UUID:
    case REPROCESS_INTERVAL:
    case REPROCESS_TIME_TZ: return add_others(state, layout, values, validity, count, rows);
    }
}

void reprocess_column_merge(column_state *state, const column_state *other) {
    state->rows += other->rows;
    state->nulls += other->nulls;
    /* Without a branch, so that the compiler can vectorize it. */
    for (size_t place = 0; place < REPROCESS_REGISTERS; place++) {
        uint8_t mine = state->registers[place], theirs = other->registers[place];
        state->registers[place] = mine > theirs ? mine : theirs;
    }
    exact_sum_merge(&state->doubles, &other->doubles);
    unsigned __int128 before = state->sum;
    state->sum += other->sum;
    /* Both are the low halves of longer numbers, so that only a carry can come out. */
    state->wraps += other->wraps + (state->sum < before);
    if (!other->has_values) return;
    if (!state->has_values || compared(other->least_text.bytes, other->least_text.length, &state->least_text) < 0) {
        state->least_text = other->least_text;
    }
    if (!state->has_values
        || compared(other->greatest_text.bytes, other->greatest_text.length, &state->greatest_text) > 0) {
        state->greatest_text = other->greatest_text;
    }
    widen_bounds(state, other->least, other->greatest);
}

/* How many registers have each rank. Four counts of their own: one would wait for itself where most ranks are alike. */
static void count_ranks(const uint8_t *registers, uint32_t ranked[65]) {
    uint16_t counts[4][65] = {{0}};
    for (size_t place = 0; place < REPROCESS_REGISTERS; place += 4) {
        for (size_t lane = 0; lane < 4; lane++) counts[lane][registers[place + lane]]++;
    }
    for (size_t rank = 0; rank < 65; rank++) {
        ranked[rank] = (uint32_t)counts[0][rank] + counts[1][rank] + counts[2][rank] + counts[3][rank];
    }
}

/* HyperLogLog's estimate (Flajolet et al., 2007), which counts empty registers where there are many. */
static double estimated(const uint8_t *registers) {
    const double count = REPROCESS_REGISTERS;
    uint32_t ranked[65];
    count_ranks(registers, ranked);
    double sum = 0;
    for (int rank = 0; rank <= 64; rank++) sum += ldexp(ranked[rank], -rank);
    double estimate = 0.7213 / (1 + 1.079 / count) * count * count / sum;
    return estimate <= 2.5 * count && ranked[0] > 0 ? count * log(count / ranked[0]) : estimate;
}

static double restored(__int128 rank) {
    int64_t bits = ordered((uint64_t)(int64_t)rank);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

reprocess_column_facts reprocess_column_describe(const column_state *state, reprocess_layout layout) {
    bool is_double = layout == REPROCESS_FLOAT || layout == REPROCESS_DOUBLE;
    /* The sum is `wraps` times 2^128 and `sum` without a sign: it fits where what is left above is its sign. */
    int64_t above = state->wraps;
    bool is_low_negative = (__int128)state->sum < 0;
    reprocess_column_facts facts = {
        .nulls = state->nulls,
        .has_values = state->nulls < state->rows,
        .distinct = estimated(state->registers),
        .least_low = (uint64_t)state->least,
        .least_high = (int64_t)(state->least >> 64),
        .greatest_low = (uint64_t)state->greatest,
        .greatest_high = (int64_t)(state->greatest >> 64),
        .sum_low = (uint64_t)state->sum,
        .sum_high = (int64_t)((__int128)state->sum >> 64),
        .sum_overflows = above != (is_low_negative ? -1 : 0),
        .least_double = is_double ? restored(state->least) : 0,
        .greatest_double = is_double ? restored(state->greatest) : 0,
        .sum_double = is_double ? exact_sum_value(state->doubles) : 0,
        .least_text = state->least_text.bytes,
        .least_length = state->least_text.length,
        .greatest_text = state->greatest_text.bytes,
        .greatest_length = state->greatest_text.length,
    };
    return facts;
}
