"""Prints a fingerprint of every Delta table given, whatever the order of its rows: `python -m bench.delta_digest COLUMN FOLDER…`.

As `bench.digest`, over the files that are part of the table.
"""

import sys

import duckdb

from bench.delta import live_files


def main() -> None:
    connection = duckdb.connect()
    for folder in sys.argv[2:]:
        files = ", ".join(f"'{path}'" for path in live_files(folder))
        relation = f"read_parquet([{files}], hive_partitioning = true)"
        columns = connection.execute(f"SELECT column_name FROM (DESCRIBE FROM {relation})").fetchall()
        row = ", ".join(f'"{name}"' for name in sorted(name for (name,) in columns))
        rows, digest = connection.execute(f"SELECT count(*), bit_xor(hash({row})) FROM {relation}").fetchone()
        print(f"{rows}:{digest}")


if __name__ == "__main__":
    main()
