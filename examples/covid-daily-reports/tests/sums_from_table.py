#!/usr/bin/env python3
"""Prints the sums of the table as JSON, by month, in the form of sums_from_csv.py: sums_from_table.py TABLE.

Reads every file by itself with pyarrow, and fails where two files differ in their columns.
"""

import json
import pathlib
import sys

import pyarrow.compute
import pyarrow.parquet

MEASURES = ("confirmed", "deaths", "recovered")


def sums(table):
    months = {}
    schemas = set()
    for folder in sorted(pathlib.Path(table).iterdir()):
        column, _, day = folder.name.partition("=")
        assert column == "report_date", folder
        month = months.setdefault(day[:7], {"days": 0, "rows": 0} | dict.fromkeys(MEASURES, 0))
        month["days"] += 1
        for path in sorted(folder.iterdir()):
            content = pyarrow.parquet.ParquetFile(path).read()
            schemas.add(str(content.schema.remove_metadata()))
            month["rows"] += content.num_rows
            for measure in MEASURES:
                month[measure] += pyarrow.compute.sum(content[measure]).as_py() or 0
    assert len(schemas) == 1, schemas
    return months


if __name__ == "__main__":
    print(json.dumps(sums(sys.argv[1]), indent=2, sort_keys=True))
