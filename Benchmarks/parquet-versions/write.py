"""Writes the files that the readers are tried on: `write.py FOLDER`.

One file for each kind of value and Parquet version, so that one unreadable encoding does not hide another. Each has
30,000 rows: enough for several pages, row groups and dictionaries.
"""

import os
import sys

import duckdb

ROWS = 30_000
VERSIONS = ("V1", "V2")

# The name of a kind, and an expression over the row number `i`. "dense" repeats few values, so that DuckDB writes a
# dictionary; "sparse" hardly repeats, so that it takes the encodings that only version 2 has.
KINDS = {
    "boolean": "i % 3 = 0",
    "tinyint": "CAST(i % 251 - 125 AS TINYINT)",
    "smallint sparse": "CAST(mixed(i) % 60000 - 30000 AS SMALLINT)",
    "integer dense": "CAST(i % 7 AS INTEGER)",
    "integer sparse": "CAST(mixed(i) % 4000000000 - 2000000000 AS INTEGER)",
    "integer rising": "CAST(i AS INTEGER)",
    "bigint sparse": "CAST(mixed(i) - 4611686018427387904 AS BIGINT)",
    "bigint extremes": "CASE i % 3 WHEN 0 THEN -9223372036854775808 WHEN 1 THEN 9223372036854775807 ELSE i END::BIGINT",
    "integer with one great step": "CASE i WHEN 15000 THEN 2147483647 ELSE -i END::INTEGER",
    "integer sparse, half the range": "CAST(mixed(i) % 2147483648 AS INTEGER)",
    "uinteger sparse": "CAST(mixed(i) % 4294967296 AS UINTEGER)",
    "float sparse": "CAST(mixed(i) % 1000000007 AS FLOAT) / 7",
    "double dense": "CAST(i % 5 AS DOUBLE) / 3",
    "double sparse": "CAST(mixed(i) % 1000000007 AS DOUBLE) / 7",
    "decimal(9,2) sparse": "CAST(CAST(mixed(i) % 900000000 AS DOUBLE) / 100 AS DECIMAL(9, 2))",
    "decimal(18,4) sparse": "CAST(CAST(mixed(i) % 90000000000 AS DOUBLE) / 10000 AS DECIMAL(18, 4))",
    "decimal(38,10) sparse": "CAST(CAST(mixed(i) % 90000000000 AS DOUBLE) / 10000 AS DECIMAL(38, 10))",
    "varchar dense": "['one', 'two', '', 'Zürich', '日本'][CAST(1 + i % 5 AS INTEGER)]",
    "varchar sparse": "printf('%016x', mixed(i)) || repeat('é', CAST(i % 4 AS INTEGER))",
    "varchar long": "repeat(md5(CAST(i AS VARCHAR)), CAST(i % 40 AS INTEGER))",
    "blob sparse": "CAST(md5(CAST(i AS VARCHAR)) AS BLOB)",
    "uuid": "CAST(md5(CAST(i AS VARCHAR)) AS UUID)",
    "date dense": "DATE '2024-01-01' + CAST(i % 30 AS INTEGER)",
    "date sparse": "DATE '1900-01-01' + CAST(mixed(i) % 90000 AS INTEGER)",
    "timestamp sparse": "TIMESTAMP '1970-01-01' + to_microseconds(CAST(mixed(i) % 1800000000000000 AS BIGINT))",
    "timestamp with time zone": "TIMESTAMPTZ '1970-01-01 00:00:00+00' "
    "+ to_microseconds(CAST(mixed(i) % 1800000000000000 AS BIGINT))",
    "timestamp_ns": "CAST(TIMESTAMP '2024-01-01' + to_microseconds(CAST(i AS BIGINT)) AS TIMESTAMP_NS)",
    "time": "TIME '00:00:00' + to_microseconds(CAST(mixed(i) % 86400000000 AS BIGINT))",
    "list of integer": "[CAST(mixed(i * 8 + n) % 100000 AS INTEGER) FOR n IN range(CAST(i % 4 AS BIGINT))]",
    "list of varchar": "[printf('%x', mixed(i * 8 + n) >> 20) FOR n IN range(CAST(i % 4 AS BIGINT))]",
    "struct": "{'a': CAST(mixed(i) % 100000 AS INTEGER), 'b': printf('%x', mixed(i) >> 8), 'c': CAST(i AS DOUBLE) / 7}",
    "list of struct": "[{'a': CAST(mixed(i * 8 + n) % 100000 AS INTEGER), 'b': CAST(i AS DOUBLE) / 7} "
    "FOR n IN range(CAST(i % 3 AS BIGINT))]",
    "map": "MAP {'k' || CAST(i % 3 AS VARCHAR): CAST(mixed(i) % 100000 AS BIGINT)}",
    "only null": "CAST(NULL AS INTEGER)",
}


def with_nulls(expression: str, kind: str) -> str:
    """Every fifth value is null: definition levels are what version 2 stores in another place."""
    return expression if kind == "only null" else f"CASE WHEN i % 5 = 4 THEN NULL ELSE {expression} END"


def write(folder: str) -> None:
    """Writes all files, and the values themselves into a DuckDB database."""
    os.makedirs(folder, exist_ok=True)
    connection = duckdb.connect(os.path.join(folder, "expected.duckdb"))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE TEMPORARY MACRO mixed(i) AS CAST(hash(CAST(i AS BIGINT)) >> 1 AS BIGINT)")
    connection.execute("CREATE TABLE kinds (number INTEGER, name VARCHAR, encodings VARCHAR)")
    for number, (kind, expression) in enumerate(KINDS.items()):
        query = f"SELECT i AS id, {expression} AS full_, {with_nulls(expression, kind)} AS holed FROM range({ROWS}) t(i)"
        connection.execute(f"CREATE TABLE kind_{number} AS {query}")
        for version in VERSIONS:
            table = os.path.join(folder, f"{number}-{version}")
            os.makedirs(table, exist_ok=True)
            path = os.path.join(table, "part.parquet")
            connection.execute(
                f"COPY kind_{number} TO '{path}' "
                f"(FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION {version}, ROW_GROUP_SIZE 20480)"
            )
        connection.execute(
            f"INSERT INTO kinds SELECT {number}, ?, string_agg(DISTINCT encodings, ' ') FROM parquet_metadata(?) "
            "WHERE NOT starts_with(path_in_schema, 'id')",
            [kind, path],
        )
    connection.close()


if __name__ == "__main__":
    write(sys.argv[1])
