"""So many overwrites by predicate, each of another day, of three rows each."""

import argparse
import datetime
import time

import common
import pyarrow as pa
from deltalake import write_deltalake


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True)
    parser.add_argument("--first", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--days", required=True, type=int)
    options = parser.parse_args()
    started = time.monotonic()
    for number in range(options.days):
        day = options.first + datetime.timedelta(days=number)
        rows = pa.table({"i": [0, 1, 2], "day": pa.array([day] * 3, pa.date32())})
        write_deltalake(options.target, rows, mode="overwrite", predicate=f"day = '{day}'", partition_by=["day"])
    common.report(started)


if __name__ == "__main__":
    main()
