/*
 * The part of DuckDB's C API that this project calls, bound at run time.
 *
 * There is no DuckDB package to link against, so nothing here needs one at build time. reprocess_duckdb_load opens a
 * library that exports the C API and fills a table of function pointers; the functions below call through that table
 * and must not be called before it is filled. Types and signatures are those of the C API of DuckDB 1.5
 * (duckdb.org/docs/stable/clients/c/api), whose stable part does not change within 1.x.
 */
#ifndef REPROCESS_CDUCKDB_H
#define REPROCESS_CDUCKDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t idx_t;

typedef struct _duckdb_config *duckdb_config;
typedef struct _duckdb_database *duckdb_database;
typedef struct _duckdb_connection *duckdb_connection;
typedef struct _duckdb_prepared_statement *duckdb_prepared_statement;
typedef struct _duckdb_appender *duckdb_appender;
typedef struct _duckdb_data_chunk *duckdb_data_chunk;
typedef struct _duckdb_logical_type *duckdb_logical_type;
typedef struct _duckdb_vector *duckdb_vector;
typedef struct _duckdb_scalar_function *duckdb_scalar_function;
typedef struct _duckdb_bind_info *duckdb_bind_info;
typedef struct _duckdb_function_info *duckdb_function_info;
typedef struct _duckdb_expression *duckdb_expression;

typedef enum { REPROCESS_DUCKDB_SUCCESS = 0, REPROCESS_DUCKDB_ERROR = 1 } duckdb_state;

/* Kinds of error (duckdb_error_type) and types of column (duckdb_type) cross this boundary as plain numbers: a newer
   library may know more of them than this header. */
typedef uint32_t duckdb_error_type;
typedef uint32_t duckdb_type;

/* What a function of ours is called with. */
typedef void (*duckdb_scalar_function_bind_t)(duckdb_bind_info info);
typedef void (*duckdb_scalar_function_t)(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output);
typedef void (*duckdb_delete_callback_t)(void *data);
typedef void *(*duckdb_copy_callback_t)(void *data);

typedef struct {
    int32_t days;
} duckdb_date;

typedef struct {
    int64_t micros;
} duckdb_timestamp;

/* Where the elements of one row's list or map lie in the child vector. */
typedef struct {
    uint64_t offset;
    uint64_t length;
} duckdb_list_entry;

typedef struct {
    uint64_t lower;
    int64_t upper;
} duckdb_hugeint;

/* Up to twelve bytes live in the struct itself, longer text behind the pointer. */
typedef struct {
    union {
        struct {
            uint32_t length;
            char prefix[4];
            char *ptr;
        } pointer;
        struct {
            uint32_t length;
            char inlined[12];
        } inlined;
    } value;
} duckdb_string_t;

typedef struct {
    idx_t deprecated_column_count;
    idx_t deprecated_row_count;
    idx_t deprecated_rows_changed;
    void *deprecated_columns;
    char *deprecated_error_message;
    void *internal_data;
} duckdb_result;

/* The list of functions: result type, name, parameters, arguments. Everything below is made from it. */
#define REPROCESS_DUCKDB_FUNCTIONS(F)                                                                                  \
    F(const char *, duckdb_library_version, (void), ())                                                                \
    F(void, duckdb_free, (void *pointer), (pointer))                                                                   \
    F(duckdb_state, duckdb_create_config, (duckdb_config *out), (out))                                                 \
    F(duckdb_state, duckdb_set_config, (duckdb_config config, const char *name, const char *option),                   \
      (config, name, option))                                                                                          \
    F(void, duckdb_destroy_config, (duckdb_config *config), (config))                                                  \
    F(duckdb_state, duckdb_open_ext,                                                                                   \
      (const char *path, duckdb_database *out, duckdb_config config, char **out_error),                                \
      (path, out, config, out_error))                                                                                  \
    F(void, duckdb_close, (duckdb_database *database), (database))                                                     \
    F(duckdb_state, duckdb_connect, (duckdb_database database, duckdb_connection *out), (database, out))               \
    F(void, duckdb_disconnect, (duckdb_connection *connection), (connection))                                          \
    F(void, duckdb_interrupt, (duckdb_connection connection), (connection))                                            \
    F(duckdb_state, duckdb_prepare,                                                                                    \
      (duckdb_connection connection, const char *query, duckdb_prepared_statement *out), (connection, query, out))     \
    F(const char *, duckdb_prepare_error, (duckdb_prepared_statement statement), (statement))                          \
    F(void, duckdb_destroy_prepare, (duckdb_prepared_statement *statement), (statement))                               \
    F(idx_t, duckdb_nparams, (duckdb_prepared_statement statement), (statement))                                       \
    F(idx_t, duckdb_prepared_statement_column_count, (duckdb_prepared_statement statement), (statement))               \
    F(const char *, duckdb_prepared_statement_column_name, (duckdb_prepared_statement statement, idx_t column),        \
      (statement, column))                                                                                             \
    F(duckdb_type, duckdb_prepared_statement_column_type, (duckdb_prepared_statement statement, idx_t column),         \
      (statement, column))                                                                                             \
    F(duckdb_state, duckdb_bind_null, (duckdb_prepared_statement statement, idx_t index), (statement, index))          \
    F(duckdb_state, duckdb_bind_boolean, (duckdb_prepared_statement statement, idx_t index, bool value),               \
      (statement, index, value))                                                                                       \
    F(duckdb_state, duckdb_bind_int64, (duckdb_prepared_statement statement, idx_t index, int64_t value),              \
      (statement, index, value))                                                                                       \
    F(duckdb_state, duckdb_bind_double, (duckdb_prepared_statement statement, idx_t index, double value),              \
      (statement, index, value))                                                                                       \
    F(duckdb_state, duckdb_bind_varchar_length,                                                                        \
      (duckdb_prepared_statement statement, idx_t index, const char *text, idx_t length),                              \
      (statement, index, text, length))                                                                                \
    F(duckdb_state, duckdb_bind_date, (duckdb_prepared_statement statement, idx_t index, duckdb_date value),           \
      (statement, index, value))                                                                                       \
    F(duckdb_state, duckdb_bind_timestamp, (duckdb_prepared_statement statement, idx_t index, duckdb_timestamp value), \
      (statement, index, value))                                                                                       \
    F(duckdb_state, duckdb_execute_prepared, (duckdb_prepared_statement statement, duckdb_result *out),                \
      (statement, out))                                                                                                \
    F(duckdb_state, duckdb_execute_prepared_streaming, (duckdb_prepared_statement statement, duckdb_result *out),      \
      (statement, out))                                                                                                \
    F(duckdb_state, duckdb_query, (duckdb_connection connection, const char *query, duckdb_result *out),               \
      (connection, query, out))                                                                                        \
    F(const char *, duckdb_result_error, (duckdb_result *result), (result))                                            \
    F(duckdb_error_type, duckdb_result_error_type, (duckdb_result *result), (result))                                  \
    F(void, duckdb_destroy_result, (duckdb_result *result), (result))                                                  \
    F(idx_t, duckdb_column_count, (duckdb_result *result), (result))                                                   \
    F(const char *, duckdb_column_name, (duckdb_result *result, idx_t column), (result, column))                       \
    F(duckdb_type, duckdb_column_type, (duckdb_result *result, idx_t column), (result, column))                        \
    F(duckdb_logical_type, duckdb_column_logical_type, (duckdb_result *result, idx_t column), (result, column))        \
    F(uint8_t, duckdb_decimal_scale, (duckdb_logical_type type), (type))                                               \
    F(duckdb_type, duckdb_decimal_internal_type, (duckdb_logical_type type), (type))                                   \
    F(void, duckdb_destroy_logical_type, (duckdb_logical_type *type), (type))                                          \
    F(duckdb_data_chunk, duckdb_fetch_chunk, (duckdb_result result), (result))                                         \
    F(idx_t, duckdb_data_chunk_get_size, (duckdb_data_chunk chunk), (chunk))                                           \
    F(duckdb_vector, duckdb_data_chunk_get_vector, (duckdb_data_chunk chunk, idx_t column), (chunk, column))           \
    F(void, duckdb_destroy_data_chunk, (duckdb_data_chunk *chunk), (chunk))                                            \
    F(void *, duckdb_vector_get_data, (duckdb_vector vector), (vector))                                                \
    F(uint64_t *, duckdb_vector_get_validity, (duckdb_vector vector), (vector))                                        \
    F(duckdb_vector, duckdb_list_vector_get_child, (duckdb_vector vector), (vector))                                   \
    F(duckdb_vector, duckdb_struct_vector_get_child, (duckdb_vector vector, idx_t index), (vector, index))             \
    F(duckdb_scalar_function, duckdb_create_scalar_function, (void), ())                                               \
    F(void, duckdb_destroy_scalar_function, (duckdb_scalar_function *function), (function))                            \
    F(void, duckdb_scalar_function_set_name, (duckdb_scalar_function function, const char *name), (function, name))    \
    F(void, duckdb_scalar_function_set_varargs, (duckdb_scalar_function function, duckdb_logical_type type),           \
      (function, type))                                                                                                \
    F(void, duckdb_scalar_function_set_special_handling, (duckdb_scalar_function function), (function))                \
    F(void, duckdb_scalar_function_set_volatile, (duckdb_scalar_function function), (function))                        \
    F(void, duckdb_scalar_function_set_return_type, (duckdb_scalar_function function, duckdb_logical_type type),       \
      (function, type))                                                                                                \
    F(void, duckdb_scalar_function_set_bind, (duckdb_scalar_function function, duckdb_scalar_function_bind_t bind),    \
      (function, bind))                                                                                                \
    F(void, duckdb_scalar_function_set_function,                                                                       \
      (duckdb_scalar_function function, duckdb_scalar_function_t execute),                                             \
      (function, execute))                                                                                             \
    F(duckdb_state, duckdb_register_scalar_function,                                                                   \
      (duckdb_connection connection, duckdb_scalar_function function),                                                 \
      (connection, function))                                                                                          \
    F(void, duckdb_scalar_function_bind_set_error, (duckdb_bind_info info, const char *message), (info, message))      \
    F(idx_t, duckdb_scalar_function_bind_get_argument_count, (duckdb_bind_info info), (info))                          \
    F(duckdb_expression, duckdb_scalar_function_bind_get_argument, (duckdb_bind_info info, idx_t index),               \
      (info, index))                                                                                                   \
    F(duckdb_logical_type, duckdb_expression_return_type, (duckdb_expression expression), (expression))                \
    F(void, duckdb_destroy_expression, (duckdb_expression *expression), (expression))                                  \
    F(void, duckdb_scalar_function_set_bind_data,                                                                      \
      (duckdb_bind_info info, void *data, duckdb_delete_callback_t destroy),                                           \
      (info, data, destroy))                                                                                           \
    F(void, duckdb_scalar_function_set_bind_data_copy, (duckdb_bind_info info, duckdb_copy_callback_t copy),           \
      (info, copy))                                                                                                    \
    F(void *, duckdb_scalar_function_get_bind_data, (duckdb_function_info info), (info))                               \
    F(void, duckdb_scalar_function_set_error, (duckdb_function_info info, const char *message), (info, message))       \
    F(duckdb_logical_type, duckdb_create_logical_type, (duckdb_type type), (type))                                     \
    F(duckdb_type, duckdb_get_type_id, (duckdb_logical_type type), (type))                                             \
    F(uint8_t, duckdb_decimal_width, (duckdb_logical_type type), (type))                                               \
    F(duckdb_logical_type, duckdb_list_type_child_type, (duckdb_logical_type type), (type))                            \
    F(duckdb_logical_type, duckdb_array_type_child_type, (duckdb_logical_type type), (type))                           \
    F(duckdb_logical_type, duckdb_map_type_key_type, (duckdb_logical_type type), (type))                               \
    F(duckdb_logical_type, duckdb_map_type_value_type, (duckdb_logical_type type), (type))                             \
    F(idx_t, duckdb_struct_type_child_count, (duckdb_logical_type type), (type))                                       \
    F(char *, duckdb_struct_type_child_name, (duckdb_logical_type type, idx_t index), (type, index))                   \
    F(duckdb_logical_type, duckdb_struct_type_child_type, (duckdb_logical_type type, idx_t index), (type, index))      \
    F(duckdb_state, duckdb_appender_create,                                                                            \
      (duckdb_connection connection, const char *schema, const char *table, duckdb_appender *out),                     \
      (connection, schema, table, out))                                                                                \
    F(const char *, duckdb_appender_error, (duckdb_appender appender), (appender))                                     \
    F(duckdb_state, duckdb_appender_end_row, (duckdb_appender appender), (appender))                                   \
    F(duckdb_state, duckdb_appender_close, (duckdb_appender appender), (appender))                                     \
    F(duckdb_state, duckdb_appender_destroy, (duckdb_appender *appender), (appender))                                  \
    F(duckdb_state, duckdb_append_null, (duckdb_appender appender), (appender))                                        \
    F(duckdb_state, duckdb_append_bool, (duckdb_appender appender, bool value), (appender, value))                     \
    F(duckdb_state, duckdb_append_int64, (duckdb_appender appender, int64_t value), (appender, value))                 \
    F(duckdb_state, duckdb_append_double, (duckdb_appender appender, double value), (appender, value))                 \
    F(duckdb_state, duckdb_append_varchar_length, (duckdb_appender appender, const char *text, idx_t length),          \
      (appender, text, length))                                                                                        \
    F(duckdb_state, duckdb_append_date, (duckdb_appender appender, duckdb_date value), (appender, value))              \
    F(duckdb_state, duckdb_append_timestamp, (duckdb_appender appender, duckdb_timestamp value), (appender, value))

/* The table that the loader fills. */
typedef struct {
#define REPROCESS_DUCKDB_POINTER(result, name, parameters, arguments) result(*name) parameters;
    REPROCESS_DUCKDB_FUNCTIONS(REPROCESS_DUCKDB_POINTER)
#undef REPROCESS_DUCKDB_POINTER
} reprocess_duckdb_functions;

extern reprocess_duckdb_functions reprocess_duckdb;

/* Callers use the names of the C API. The functions are static, so they cannot stand in for those of a real library. */
#define REPROCESS_DUCKDB_CALL(result, name, parameters, arguments)                                                     \
    static inline result name parameters { return reprocess_duckdb.name arguments; }
REPROCESS_DUCKDB_FUNCTIONS(REPROCESS_DUCKDB_CALL)
#undef REPROCESS_DUCKDB_CALL

/* What came of a try to load a library. */
typedef enum {
    REPROCESS_DUCKDB_LOADED = 0,
    /* The library, or one that it needs, cannot be opened. */
    REPROCESS_DUCKDB_NOT_OPENED = 1,
    /* It was opened, but exports no function of the name given in `detail`. */
    REPROCESS_DUCKDB_SYMBOL_MISSING = 2,
} reprocess_duckdb_load_outcome;

/*
 * Opens `library` and fills the table.
 *
 * `prerequisite` may be NULL; otherwise it names a library whose symbols `library` needs and does not ask for itself:
 * the DuckDB module of the Python package needs libpython. Opening libpython runs no Python code and starts no
 * interpreter. `detail` receives the loader's message or the name of the missing symbol. Not safe to call from two
 * threads at once.
 */
reprocess_duckdb_load_outcome reprocess_duckdb_load(
    const char *library, const char *prerequisite, char *detail, size_t detail_size);

#endif
