#define _GNU_SOURCE
#include "CDuckDB.h"

#include <dlfcn.h>
#include <gnu/lib-names.h>
#include <stdio.h>

reprocess_duckdb_functions reprocess_duckdb;

static void report(char *detail, size_t size, const char *text) {
    snprintf(detail, size, "%s", text != NULL ? text : "unknown error of the dynamic loader");
}

/* Whether memory comes from the C library itself: nobody, such as a preloaded allocator or a sanitizer, stands in for it. */
static int allocates_plainly(void) {
    void *library = dlopen(LIBC_SO, RTLD_LAZY | RTLD_NOLOAD);
    if (library == NULL) {
        return 0;
    }
    void *own = dlsym(library, "malloc");
    dlclose(library);
    return own != NULL && own == dlsym(RTLD_DEFAULT, "malloc");
}

/* DuckDB refers to 65,000 symbols by name, nearly all of them its own. RTLD_DEEPBIND looks for them in the library itself
   before it asks each of the dozens that this process has, which halves the time of loading. Where another allocator stands in
   for the C library's, the library must find that one first. */
static int binding(void) { return RTLD_LAZY | RTLD_LOCAL | (allocates_plainly() ? RTLD_DEEPBIND : 0); }

reprocess_duckdb_load_outcome reprocess_duckdb_load(
    const char *library, const char *prerequisite, char *detail, size_t detail_size) {
    /* RTLD_LAZY: the Python module refers to a hundred functions of libpython that are never called from here, and
       resolving every symbol of a 60 MB library at once costs more than all the calls a short run makes. */
    if (prerequisite != NULL && dlopen(prerequisite, RTLD_LAZY | RTLD_GLOBAL) == NULL) {
        report(detail, detail_size, dlerror());
        return REPROCESS_DUCKDB_NOT_OPENED;
    }
    void *handle = dlopen(library, binding());
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
