"""Prints a fingerprint of every table given, whatever the order of its rows: `python -m bench.digest COLUMN FOLDER…`.

A program that writes fewer rows, or other ones, is not faster but wrong.
"""

import sys

import duckdb


def main() -> None:
    column = sys.argv[1]
    connection = duckdb.connect()
    for folder in sys.argv[2:]:
        files = f"read_parquet('{folder}/{column}=*/*.parquet', hive_partitioning = true)"
        # Every row as text: files may differ in the order of columns and in the width of a type, tables may not.
        names = [name for (name,) in connection.execute(f"SELECT column_name FROM (DESCRIBE FROM {files})").fetchall()]
        row = ", '|', ".join(f"coalesce(CAST({name} AS VARCHAR), '∅')" for name in sorted(names))
        rows, digest = connection.execute(f"SELECT count(*), bit_xor(hash(concat({row}))) FROM {files}").fetchone()
        print(f"{rows}:{digest}")


if __name__ == "__main__":
    main()
