"""Compares the Parquet schemas of two checkpoints: checkpoint_schema.py OURS OTHER

Prints the leaves that both have and that are of different types, those that only one of them has.
"""
import json
import os
import sys

import pyarrow.parquet as pq


def leaves(path):
    schema = pq.ParquetFile(path).schema
    columns = [schema.column(i) for i in range(len(schema.names))]
    # A signed integer of all bits is what a number without a logical type is.
    plain = {"INT64Int(bitWidth=64, isSigned=true)", "INT32Int(bitWidth=32, isSigned=true)"}
    types = lambda c: c.physical_type if c.physical_type + str(c.logical_type) in plain else c.physical_type + str(c.logical_type)
    return {c.path: [types(c).removesuffix("None"), c.max_repetition_level] for c in columns}


ours, other = leaves(sys.argv[1]), leaves(sys.argv[2])
print(
    json.dumps(
        {
            "different": sorted(p for p in ours if p in other and ours[p] != other[p]),
            "ours": sorted(set(ours) - set(other)),
            "others": sorted(set(other) - set(ours)),
        }
    )
)
sys.stdout.flush()
os._exit(0)
