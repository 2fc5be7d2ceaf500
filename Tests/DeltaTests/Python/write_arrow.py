"""write_arrow.py PATH: a plain Parquet file of three rows by another writer than DuckDB."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq

pq.write_table(pa.table({"i": [1, 2, 3], "s": ["a", "b", None]}), sys.argv[1])
