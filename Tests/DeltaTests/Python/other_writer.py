"""Does one thing to a Delta table with deltalake: other_writer.py TABLE ACTION [DAY] [ROWS]

create        a table partitioned by order_date and region, some days with regions that need escaping
create-plain  the same, by order_date alone
append        rows on a day
overwrite     a day
delete        the rows of a day
optimize      several small files of each day become one
rows          some rows of a day, by rewriting its files
property      a table property
checkpoint    a checkpoint
restore N     the table as it was at version N
vacuum        removes every file that is no part of the newest version
vacuum-full   removes what no version names, and what was removed more than a week ago
"""
import datetime
import os
import sys

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

path, action = sys.argv[1], sys.argv[2]
day = sys.argv[3] if len(sys.argv) > 3 else "2024-01-01"
count = int(sys.argv[4]) if len(sys.argv) > 4 else 3
regions = ["a", "b/c d", "x=y%z", "é:1", None]


def rows(day, regional):
    n = count
    columns = {
        "v": pa.array([100 + i for i in range(n)], pa.int64()),
        "name": pa.array(["other%d" % i for i in range(n)], pa.string()),
        "order_date": pa.array([datetime.date.fromisoformat(day)] * n, pa.date32()),
    }
    if regional:
        columns["region"] = pa.array([regions[i % len(regions)] for i in range(n)], pa.string())
    return pa.table(columns)


if action in ("create", "create-plain"):
    regional = action == "create"
    by = ["order_date", "region"] if regional else ["order_date"]
    for one in ["2024-01-01", "2024-01-02", "2024-01-03"]:
        write_deltalake(path, rows(one, regional), mode="append", partition_by=by)
else:
    table = DeltaTable(path)
    regional = "region" in [f.name for f in table.schema().fields]
    if action == "append":
        write_deltalake(table, rows(day, regional), mode="append")
    elif action == "overwrite":
        write_deltalake(table, rows(day, regional), mode="overwrite", predicate=f"order_date = '{day}'")
    elif action == "delete":
        table.delete(f"order_date = '{day}'")
    elif action == "rows":
        table.delete(f"order_date = '{day}' AND v = 100")
    elif action == "optimize":
        table.optimize.compact()
    elif action == "property":
        table.alter.set_table_properties({"delta.dataSkippingNumIndexedCols": "7"})
    elif action == "restore":
        table.restore(int(day))
    elif action == "vacuum":
        table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    elif action == "vacuum-full":
        table.vacuum(retention_hours=7 * 24, dry_run=False, full=True)
    elif action == "checkpoint":
        table.create_checkpoint()
    else:
        sys.exit("unknown action " + action)

# Native threads of these libraries may abort an interpreter that takes itself apart.
sys.stdout.flush()
os._exit(0)
