#include "CDuckDB.h"

#include <dlfcn.h>
#include <stdio.h>

reprocess_duckdb_functions reprocess_duckdb;

static void report(char *detail, size_t size, const char *text) {
    snprintf(detail, size, "%s", text != NULL ? text : "unknown error of the dynamic loader");
}

reprocess_duckdb_load_outcome reprocess_duckdb_load(
    const char *library, const char *prerequisite, char *detail, size_t detail_size) {
    /* RTLD_LAZY: the Python module refers to a hundred functions of libpython that are never called from here, and
       resolving every symbol of a 60 MB library at once costs more than all the calls a short run makes. */
    if (prerequisite != NULL && dlopen(prerequisite, RTLD_LAZY | RTLD_GLOBAL) == NULL) {
        report(detail, detail_size, dlerror());
        return REPROCESS_DUCKDB_NOT_OPENED;
    }
    void *handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL) {
        report(detail, detail_size, dlerror());
        return REPROCESS_DUCKDB_NOT_OPENED;
    }
    reprocess_duckdb_functions found;
/* POSIX (dlsym, "Application usage") guarantees that the pointer to an object may be stored as one to a function. */
#define REPROCESS_DUCKDB_LOOK_UP(result, name, parameters, arguments)                                                  \
    *(void **)&found.name = dlsym(handle, #name);                                                                      \
    if (found.name == NULL) {                                                                                          \
        report(detail, detail_size, #name);                                                                            \
        dlclose(handle);                                                                                               \
        return REPROCESS_DUCKDB_SYMBOL_MISSING;                                                                        \
    }
    REPROCESS_DUCKDB_FUNCTIONS(REPROCESS_DUCKDB_LOOK_UP)
#undef REPROCESS_DUCKDB_LOOK_UP
    reprocess_duckdb = found;
    return REPROCESS_DUCKDB_LOADED;
}
