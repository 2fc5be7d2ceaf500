"""Makes a table of very many small files, and a checkpoint of it by deltalake: big_checkpoint.py TABLE FILES [COLUMN]

The data files themselves are not made: nobody reads them.
"""
import json
import os
import sys
import uuid

from deltalake import DeltaTable

path, count = sys.argv[1], int(sys.argv[2])
column = sys.argv[3] if len(sys.argv) > 3 else "d"
os.makedirs(path + "/_delta_log")
schema = {
    "type": "struct",
    "fields": [
        {"name": column, "type": "date", "nullable": True, "metadata": {}},
        {"name": "v", "type": "long", "nullable": True, "metadata": {}},
    ],
}
with open(path + "/_delta_log/%020d.json" % 0, "w") as log:
    write = lambda action: log.write(json.dumps(action) + "\n")
    write({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}})
    write(
        {
            "metaData": {
                "id": str(uuid.UUID(int=1)),
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps(schema),
                "partitionColumns": [column],
                "configuration": {"delta.checkpointInterval": "1"},
                "createdTime": 0,
            }
        }
    )
    for n in range(count):
        day = "%04d-%02d-%02d" % (2000 + n // 12 // 28 % 100, n // 28 % 12 + 1, n % 28 + 1)
        stats = json.dumps({"numRecords": 600, "minValues": {"v": n}, "maxValues": {"v": n + 599}, "nullCount": {"v": 0}})
        write(
            {
                "add": {
                    "path": f"{column}={day}/part-{n:05d}-{uuid.UUID(int=n)}-c000.snappy.parquet",
                    "partitionValues": {column: day},
                    "size": 12345,
                    "modificationTime": 0,
                    "dataChange": True,
                    "stats": stats,
                }
            }
        )
DeltaTable(path).create_checkpoint()

# Native threads of these libraries may abort an interpreter that takes itself apart.
sys.stdout.flush()
os._exit(0)
