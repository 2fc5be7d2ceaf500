/*
 * Measures rows while DuckDB hands them by: for each column nulls, least and greatest value, an exact sum and a sketch of
 * the number of different values, and for all rows a digest that does not depend on their order.
 *
 * What is here is arithmetic on DuckDB's vectors, and the function that DuckDB calls. Which columns there are, and what
 * the numbers are as text, is decided in Swift.
 */
#ifndef REPROCESS_CMEASURE_H
#define REPROCESS_CMEASURE_H

#include <CDuckDB.h>

/* How the values of a column lie in a vector, and what they are for the digest. */
typedef enum {
    REPROCESS_BOOLEAN,
    REPROCESS_INT8,
    REPROCESS_INT16,
    REPROCESS_INT32,
    REPROCESS_INT64,
    REPROCESS_INT128,
    REPROCESS_UINT8,
    REPROCESS_UINT16,
    REPROCESS_UINT32,
    REPROCESS_UINT64,
    REPROCESS_FLOAT,
    REPROCESS_DOUBLE,
    /* Text with an order, by bytes. */
    REPROCESS_TEXT,
    /* Bytes without one. */
    REPROCESS_BYTES,
    /* Sixteen bytes without an order. */
    REPROCESS_UUID,
    /* Parquet keeps milliseconds of an interval. */
    REPROCESS_INTERVAL,
    /* Parquet keeps the time in UTC. */
    REPROCESS_TIME_TZ,
} reprocess_layout;

/* A column: where it stands among the arguments of a call, and how it lies there. */
typedef struct {
    size_t argument;
    reprocess_layout layout;
} reprocess_measured_column;

/* Of text, so many bytes are compared and kept: 64 characters of UTF-8. */
#define REPROCESS_KEPT_TEXT 256

/* What was found in a column. Which of the members mean something depends on its layout. */
typedef struct {
    int64_t nulls;
    bool has_values;
    double distinct;
    /* Integers of any width, in two halves. */
    uint64_t least_low, greatest_low;
    int64_t least_high, greatest_high;
    uint64_t sum_low;
    int64_t sum_high;
    /* The sum needs more than 128 bits. */
    bool sum_overflows;
    double least_double, greatest_double, sum_double;
    const uint8_t *least_text, *greatest_text;
    size_t least_length, greatest_length;
} reprocess_column_facts;

/* The measurement of one statement. */
typedef struct reprocess_measurement reprocess_measurement;

/* Begins a measurement, which belongs to the caller; NULL where there is no memory. */
reprocess_measurement *reprocess_measurement_create(const reprocess_measured_column *columns, size_t count);
void reprocess_measurement_release(reprocess_measurement *measurement);

/* Puts together what all threads have measured, once the statement has ended. */
void reprocess_measurement_finish(reprocess_measurement *measurement);
int64_t reprocess_measurement_rows(const reprocess_measurement *measurement);
void reprocess_measurement_digest(const reprocess_measurement *measurement, uint64_t *low, uint64_t *high);
reprocess_column_facts reprocess_measurement_facts(reprocess_measurement *measurement, size_t column);

/* Gives a bound call its measurement, which it shares with the caller. */
void reprocess_measurement_bind(duckdb_bind_info info, reprocess_measurement *measurement);

/* What DuckDB calls for every chunk of rows; every row's answer is true. */
void reprocess_measure_execute(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output);

/* The hash of a text, as the digest uses it. */
uint64_t reprocess_text_hash(const uint8_t *bytes, size_t length);

#endif
