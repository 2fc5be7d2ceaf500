/* What is kept of one column by one thread. */
#ifndef REPROCESS_MEASURE_COLUMNS_H
#define REPROCESS_MEASURE_COLUMNS_H

#include "CMeasure.h"
#include "exact_sum.h"

#define REPROCESS_REGISTERS 4096

typedef struct {
    uint8_t bytes[REPROCESS_KEPT_TEXT];
    size_t length;
    /* The first eight bytes as a number, which compares as they do. */
    uint64_t key;
} kept_text;

typedef struct {
    int64_t rows, nulls;
    /* HyperLogLog: the greatest rank of the hashes that fall to each register. */
    uint8_t registers[REPROCESS_REGISTERS];
    bool has_values;
    __int128 least, greatest;
    unsigned __int128 sum;
    /* How often the sum has passed the end of its 128 bits, upwards less downwards. */
    int64_t wraps;
    exact_sum doubles;
    kept_text least_text, greatest_text;
} column_state;

/* Takes the values of a vector into a column, and each into the hash of its row. */
void reprocess_column_add(
    column_state *state, reprocess_layout layout, const void *values, const uint64_t *validity, size_t count,
    uint64_t *rows);

void reprocess_column_merge(column_state *state, const column_state *other);

reprocess_column_facts reprocess_column_describe(const column_state *state, reprocess_layout layout);

#endif
