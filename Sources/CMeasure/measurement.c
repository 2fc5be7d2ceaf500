#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "measure_columns.h"
#include "mixing.h"

/* The greatest number of rows that are taken at once: DuckDB's vectors have no more. */
#define REPROCESS_CHUNK 2048

/* What one thread has measured. */
typedef struct partial {
    struct partial *next;
    int64_t rows;
    unsigned __int128 digest;
    uint64_t hashes[REPROCESS_CHUNK];
    column_state columns[];
} partial;

struct reprocess_measurement {
    atomic_int references;
    pthread_mutex_t lock;
    /* What no thread is working on. Each takes one for as long as a chunk lasts, so that there are as many as threads. */
    partial *idle;
    size_t count;
    reprocess_measured_column columns[];
};

static partial *partial_create(size_t columns) { return calloc(1, sizeof(partial) + columns * sizeof(column_state)); }

reprocess_measurement *reprocess_measurement_create(const reprocess_measured_column *columns, size_t count) {
    reprocess_measurement *created = calloc(1, sizeof *created + count * sizeof *columns);
    if (created == NULL) return NULL;
    created->idle = partial_create(count);
    if (created->idle == NULL || pthread_mutex_init(&created->lock, NULL) != 0) {
        free(created->idle);
        free(created);
        return NULL;
    }
    atomic_init(&created->references, 1);
    created->count = count;
    if (count > 0) memcpy(created->columns, columns, count * sizeof *columns);
    return created;
}

static void *retained(void *measurement) {
    atomic_fetch_add_explicit(&((reprocess_measurement *)measurement)->references, 1, memory_order_relaxed);
    return measurement;
}

static void released(void *measurement) { reprocess_measurement_release(measurement); }

void reprocess_measurement_release(reprocess_measurement *measurement) {
    if (atomic_fetch_sub_explicit(&measurement->references, 1, memory_order_acq_rel) != 1) return;
    for (partial *each = measurement->idle; each != NULL;) {
        partial *next = each->next;
        free(each);
        each = next;
    }
    pthread_mutex_destroy(&measurement->lock);
    free(measurement);
}

static partial *take(reprocess_measurement *measurement) {
    pthread_mutex_lock(&measurement->lock);
    partial *taken = measurement->idle;
    if (taken != NULL) measurement->idle = taken->next;
    pthread_mutex_unlock(&measurement->lock);
    return taken != NULL ? taken : partial_create(measurement->count);
}

static void give_back(reprocess_measurement *measurement, partial *taken) {
    pthread_mutex_lock(&measurement->lock);
    taken->next = measurement->idle;
    measurement->idle = taken;
    pthread_mutex_unlock(&measurement->lock);
}

static void add_hashes(partial *partial, size_t count) {
    partial->rows += (int64_t)count;
    for (size_t row = 0; row < count; row++) {
        uint64_t low = mixed(partial->hashes[row]), high = mixed(partial->hashes[row] + 0xd6e8feb86659fd93u);
        partial->digest += (unsigned __int128)high << 64 | low;
    }
}

static bool add_chunk(reprocess_measurement *measurement, duckdb_data_chunk chunk, size_t count) {
    partial *partial = take(measurement);
    if (partial == NULL) return false;
    for (size_t row = 0; row < count; row++) partial->hashes[row] = REPROCESS_ROW_SEED;
    for (size_t index = 0; index < measurement->count; index++) {
        reprocess_measured_column column = measurement->columns[index];
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column.argument);
        reprocess_column_add(
            partial->columns + index, column.layout, duckdb_vector_get_data(vector),
            duckdb_vector_get_validity(vector), count, partial->hashes);
    }
    add_hashes(partial, count);
    give_back(measurement, partial);
    return true;
}

void reprocess_measure_execute(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    reprocess_measurement *measurement = duckdb_scalar_function_get_bind_data(info);
    size_t count = duckdb_data_chunk_get_size(input);
    if (measurement == NULL || count > REPROCESS_CHUNK) {
        duckdb_scalar_function_set_error(info, "The rows cannot be measured.");
    } else if (!add_chunk(measurement, input, count)) {
        duckdb_scalar_function_set_error(info, "There is no memory left to measure the rows.");
    } else {
        memset(duckdb_vector_get_data(output), true, count);
    }
}

void reprocess_measurement_bind(duckdb_bind_info info, reprocess_measurement *measurement) {
    duckdb_scalar_function_set_bind_data(info, retained(measurement), released);
    /* DuckDB copies expressions while it plans, each with its data. */
    duckdb_scalar_function_set_bind_data_copy(info, retained);
}

void reprocess_measurement_finish(reprocess_measurement *measurement) {
    pthread_mutex_lock(&measurement->lock);
    partial *first = measurement->idle;
    for (partial *other = first->next; other != NULL;) {
        first->rows += other->rows;
        first->digest += other->digest;
        for (size_t index = 0; index < measurement->count; index++) {
            reprocess_column_merge(first->columns + index, other->columns + index);
        }
        partial *next = other->next;
        free(other);
        other = next;
    }
    first->next = NULL;
    pthread_mutex_unlock(&measurement->lock);
}

int64_t reprocess_measurement_rows(const reprocess_measurement *measurement) { return measurement->idle->rows; }

void reprocess_measurement_digest(const reprocess_measurement *measurement, uint64_t *low, uint64_t *high) {
    *low = (uint64_t)measurement->idle->digest;
    *high = (uint64_t)(measurement->idle->digest >> 64);
}

reprocess_column_facts reprocess_measurement_facts(reprocess_measurement *measurement, size_t column) {
    return reprocess_column_describe(measurement->idle->columns + column, measurement->columns[column].layout);
}
