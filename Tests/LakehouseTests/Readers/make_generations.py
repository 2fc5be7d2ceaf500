"""Writes GENERATIONS files for each of DAYS days: FOLDER/generation/day.parquet, 60 rows each.

Every row names its generation, and the values of one file add up to 60 * generation + 1770.
"""

import datetime
import pathlib
import sys

import pyarrow
import pyarrow.parquet

folder, days, generations = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for generation in range(generations):
    (folder / str(generation)).mkdir(parents=True)
    rows = pyarrow.table({"generation": [generation] * 60, "v": [generation + i for i in range(60)]})
    for number in range(days):
        day = datetime.date(2024, 1, 1) + datetime.timedelta(days=number)
        pyarrow.parquet.write_table(rows, folder / str(generation) / f"{day}.parquet")
