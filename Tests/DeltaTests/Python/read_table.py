"""Reads a Delta table with deltalake and with DuckDB: read_table.py TABLE [CONDITION]

Prints the rows of both, sorted; how many rows deltalake finds where it skips files by their statistics, and where it does
not; and the last commits.
"""
import json
import os
import sys

import duckdb
import pyarrow.dataset as ds
from deltalake import DeltaTable

path = sys.argv[1]
table = DeltaTable(path)


def text(rows):
    return sorted([[None if v is None else str(v) for v in row] for row in rows], key=str)


arrow = table.to_pyarrow_table()
names = sorted(arrow.column_names)
home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
connection = duckdb.connect(config={"extension_directory": home + "/reprocess/duckdb/1.5.5/extensions"})
# Whatever takes more than two seconds, loading included, would print a bar among the answers.
connection.execute("SET enable_progress_bar = false")
connection.execute("LOAD delta")
types = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM delta_scan('{path}')").fetchall()}
# Python has no time zones of its own for these.
columns = ", ".join(('"%s"::VARCHAR' if "TIME ZONE" in types[n] else '"%s"') % n for n in names)
duck = connection.execute(f"SELECT {columns} FROM delta_scan('{path}')").fetchall()
answer = {
    "version": table.version(),
    "columns": names,
    "deltalake": text(zip(*[arrow.column(n).to_pylist() for n in names])) if arrow.num_rows else [],
    "duckdb": text(duck),
    "history": [
        {"operation": h.get("operation"), "engine": h.get("engineInfo"), "txn": h.get("txnId")} for h in table.history()
    ],
    "files": len(table.file_uris()),
}
if len(sys.argv) > 2:
    condition = sys.argv[2]
    answer["skipping"] = connection.execute(f"SELECT count(*) FROM delta_scan('{path}') WHERE {condition}").fetchone()[0]
    connection.register("arrow_table", arrow)
    # A table of DuckDB's own: filters on an Arrow table are left to Arrow.
    connection.execute("CREATE TABLE everything AS SELECT * FROM arrow_table")
    answer["full"] = connection.execute(f"SELECT count(*) FROM everything WHERE {condition}").fetchone()[0]
    column, operator, value = condition.split(" ", 2)
    expression = {"=": "__eq__", ">": "__gt__", "<": "__lt__"}[operator]
    typed = connection.execute(f"SELECT {value}").fetchone()[0]
    filtered = table.to_pyarrow_dataset().to_table(filter=getattr(ds.field(column), expression)(typed))
    answer["pruned"] = filtered.num_rows
    answer["fullInArrow"] = arrow.filter(getattr(ds.field(column), expression)(typed)).num_rows
print(json.dumps(answer))

# Native threads of these libraries may abort an interpreter that takes itself apart.
sys.stdout.flush()
os._exit(0)
