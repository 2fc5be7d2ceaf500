"""crowd_writer.py TABLE FIRST DAYS FOLDER: appends to days of a table, and overwrites them, until FOLDER/stop exists.

Each row says which write it is of and how many rows that has. What is acknowledged goes to FOLDER/theirs, each in one write.
"""

import datetime
import os
import random
import sys
import uuid

import pyarrow as pa
from deltalake import CommitProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

table, first, days, folder = sys.argv[1], datetime.date.fromisoformat(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
# Where a process of the other program removes a file in the middle of a read, deltalake says so in one of these ways.
conflicts = (CommitFailedError, DeltaError, OSError)

while not os.path.exists(folder + "/stop"):
    day = first + datetime.timedelta(random.randrange(days))
    number = uuid.uuid4().int >> 66
    count = random.randint(1, 4)
    rows = pa.table(
        {
            "writer": ["theirs"] * count,
            "fence": pa.array([number] * count, pa.int64()),
            "number": pa.array(range(count), pa.int64()),
            "total": pa.array([count] * count, pa.int64()),
            "order_date": pa.array([day] * count, pa.date32()),
        }
    )
    overwrites = random.random() < 0.5
    about = {"crowd.id": str(number), "crowd.day": str(day), "crowd.mode": "overwrite" if overwrites else "append"}
    options = {"mode": "overwrite", "predicate": f"order_date = '{day}'"} if overwrites else {"mode": "append"}
    try:
        write_deltalake(table, rows, commit_properties=CommitProperties(custom_metadata=about), **options)
    except conflicts as error:
        print(type(error).__name__, str(error)[:200], file=sys.stderr)
        continue
    with open(folder + "/theirs", "ab", buffering=0) as file:
        file.write(f"{number} {day}\n".encode())
