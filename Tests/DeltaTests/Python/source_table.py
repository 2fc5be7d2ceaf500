"""Makes a Delta table with a history, with deltalake: source_table.py TABLE KIND

days          partitioned by order_date, with rows deleted and updated, small files compacted, and a column added later
regions       partitioned by order_date and region, with values that need escaping, and null
plain         not partitioned; order_date is a column of its files
churn COUNT   all rows of one day replaced so often, each time by 500 with another id
values        partitioned by a column of each type, with null
"""
import datetime
import decimal
import os
import sys

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

path, kind = sys.argv[1], sys.argv[2]
days = [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), datetime.date(2024, 1, 3)]
regions = ["a", "b/c d", "x=y%z", "é:1", "it's ?*[x]", None]


def rows(day, first, count, **more):
    columns = {
        "id": pa.array(range(first, first + count), pa.int64()),
        "name": pa.array(["n%d" % i for i in range(first, first + count)], pa.string()),
        "order_date": pa.array([day] * count, pa.date32()),
    }
    return pa.table({**columns, **more})


if kind == "days":
    for day in days:
        for part in range(3):
            write_deltalake(path, rows(day, 10 * part, 4), mode="append", partition_by=["order_date"])
    table = DeltaTable(path)
    table.delete("order_date = '2024-01-01' AND id = 3")
    table.update(updates={"name": "'updated'"}, predicate="order_date = '2024-01-01' AND id = 10")
    table.optimize.compact(partition_filters=[("order_date", "=", "2024-01-02")])
    more = rows(days[0], 100, 2, price=pa.array([1.5, 2.5], pa.float64()))
    write_deltalake(path, more, mode="append", schema_mode="merge")
    DeltaTable(path).delete("order_date = '2024-01-03'")
    DeltaTable(path).create_checkpoint()
elif kind == "regions":
    for number, region in enumerate(regions):
        for day in days:
            more = rows(day, 10 * number, 2, region=pa.array([region] * 2, pa.string()))
            write_deltalake(path, more, mode="append", partition_by=["order_date", "region"])
elif kind == "plain":
    for day in days:
        write_deltalake(path, rows(day, 0, 3), mode="append")
elif kind == "churn":
    start = DeltaTable(path).version() + 1 if DeltaTable.is_deltatable(path) else 0
    for number in range(start, start + int(sys.argv[3])):
        columns = {"id": pa.array([number] * 500, pa.int64()), "order_date": pa.array([days[0]] * 500, pa.date32())}
        write_deltalake(path, pa.table(columns), mode="overwrite", partition_by=["order_date"])
elif kind == "values":
    columns = {
        "v_long": pa.array([7, None], pa.int64()),
        "v_byte": pa.array([-3, None], pa.int8()),
        "v_bool": pa.array([True, None], pa.bool_()),
        "v_text": pa.array(["a b", None], pa.string()),
        "v_date": pa.array([days[0], None], pa.date32()),
        "v_decimal": pa.array([decimal.Decimal("12.34"), None], pa.decimal128(10, 2)),
        "v_double": pa.array([1.5, None], pa.float64()),
        "v_time": pa.array([datetime.datetime(2024, 1, 1, 5, 6, 7, 80), None], pa.timestamp("us")),
    }
    write_deltalake(path, pa.table({"id": pa.array([1, 2], pa.int64()), **columns}), partition_by=list(columns))
else:
    sys.exit("unknown kind " + kind)

# Native threads of these libraries may abort an interpreter that takes itself apart.
sys.stdout.flush()
os._exit(0)
