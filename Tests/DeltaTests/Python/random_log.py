"""Makes a Delta table by a random sequence of operations of deltalake: random_log.py TABLE SEED STEPS

Prints a JSON array: for each version its live files; and leaves every checkpoint that was made on the way in place.
"""
import json
import random
import os
import sys

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

path, seed, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
days = ["2024-01-%02d" % d for d in range(1, 6)]
regions = ["a", "b/c d", "x=y%z", None]


def rows(day):
    n = rng.randint(1, 4)
    return pa.table(
        {
            "d": pa.array([day] * n).cast(pa.date32()),
            "region": pa.array([rng.choice(regions) for _ in range(n)], pa.string()),
            "v": pa.array([rng.randint(0, 99) for _ in range(n)], pa.int64()),
        }
    )


def properties():
    return CommitProperties(app_transactions=[Transaction(rng.choice(["one", "two"]), rng.randint(1, 99))])


write_deltalake(path, rows(days[0]), partition_by=["d", "region"])
for _ in range(steps):
    table = DeltaTable(path)
    day = rng.choice(days)
    action = rng.choice(["append", "append", "replace", "delete", "rows", "optimize", "checkpoint", "property"])
    if action == "append":
        write_deltalake(table, rows(day), mode="append", commit_properties=properties())
    elif action == "replace":
        write_deltalake(table, rows(day), mode="overwrite", predicate=f"d = '{day}'", commit_properties=properties())
    elif action == "delete":
        table.delete(f"d = '{day}'")
    elif action == "rows":
        table.delete(f"v < {rng.randint(0, 60)}")
    elif action == "optimize":
        table.optimize.compact()
    elif action == "checkpoint":
        table.create_checkpoint()
    else:
        table.alter.set_table_properties({"delta.dataSkippingNumIndexedCols": str(rng.randint(2, 99))})

newest = DeltaTable(path).version()
versions = []
for version in range(newest + 1):
    table = DeltaTable(path, version=version)
    names = sorted(u.removeprefix("file://").removeprefix(path + "/") for u in table.file_uris())
    versions.append({"files": names, "one": table.transaction_version("one"), "two": table.transaction_version("two")})
print(json.dumps(versions))

# Native threads of these libraries may abort an interpreter that takes itself apart.
sys.stdout.flush()
os._exit(0)
