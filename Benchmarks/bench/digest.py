"""Prints a fingerprint of every table given, whatever the order of its rows: `python -m bench.digest COLUMN FOLDER…`.

A program that writes fewer rows, other ones, or other types, is not faster but wrong.
"""

import sys

import duckdb


def main() -> None:
    column = sys.argv[1]
    connection = duckdb.connect()
    for folder in sys.argv[2:]:
        files = f"read_parquet('{folder}/{column}=*/*.parquet', hive_partitioning = true)"
        names = [name for (name,) in connection.execute(f"SELECT column_name FROM (DESCRIBE FROM {files})").fetchall()]
        row = ", ".join(f'"{name}"' for name in sorted(names))
        rows, digest = connection.execute(f"SELECT count(*), bit_xor(hash({row})) FROM {files}").fetchone()
        print(f"{rows}:{digest}")


if __name__ == "__main__":
    main()
