#!/usr/bin/env python3
"""Prints the one record of a place and day as JSON: record.py TABLE DAY COMBINED_KEY."""

import json
import pathlib
import sys

import pyarrow.parquet


def record(table, day, key):
    files = sorted((pathlib.Path(table) / f"report_date={day}").iterdir())
    rows = [row for path in files for row in pyarrow.parquet.ParquetFile(path).read().to_pylist()]
    (found,) = [row for row in rows if row["combined_key"] == key]
    return found


if __name__ == "__main__":
    print(json.dumps(record(*sys.argv[1:]), default=str, sort_keys=True))
