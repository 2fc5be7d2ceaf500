/* Entry points of the DuckDB C API, loaded at run time. */
