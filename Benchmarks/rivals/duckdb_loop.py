"""The floor: one COPY a day in one process, straight to its place. With --durable: aside, synced, renamed."""

import os
import time

import common
import duckdb


def sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--durable", action="store_true", help="write aside, sync file and folder, rename")
    options = parser.parse_args()
    with open(options.sql, encoding="utf-8") as file:
        text = file.read()
    started = time.monotonic()
    connection = duckdb.connect()
    for day in common.days(options):
        folder = os.path.join(options.target, f"{options.column}={day}")
        os.makedirs(folder, exist_ok=True)
        final = os.path.join(folder, "data.parquet")
        path = os.path.join(folder, ".data.parquet.tmp") if options.durable else final
        connection.execute(common.copy(options, text, day, path))
        if options.durable:
            sync(path)
            os.rename(path, final)
            sync(folder)
    common.report(started)


if __name__ == "__main__":
    main()
