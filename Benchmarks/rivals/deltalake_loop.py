"""One overwrite by predicate a day: DuckDB transforms, deltalake replaces. With --durable: what it wrote is synced, too."""

import os
import time

import common
import duckdb
from deltalake import DeltaTable, WriterProperties, write_deltalake


def sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_version(table: DeltaTable, day: str, column: str, target: str) -> None:
    """What makes the newest version survive a power cut: its files, their folder, its entry, the log."""
    folder = os.path.join(target, f"{column}={day}")
    for path in table.file_uris():
        if os.path.dirname(path.removeprefix("file://")) == folder:
            sync(path.removeprefix("file://"))
    sync(folder)
    log = os.path.join(target, "_delta_log")
    sync(os.path.join(log, f"{table.version():020}.json"))
    sync(log)


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--durable", action="store_true", help="sync files, folders and log entry of each day")
    options = parser.parse_args()
    with open(options.sql, encoding="utf-8") as file:
        text = file.read()
    started = time.monotonic()
    connection = duckdb.connect()
    properties = WriterProperties(compression="ZSTD", compression_level=options.compression_level)
    for day in common.days(options):
        rows = connection.execute(f"SELECT *, DATE '{day}' AS {options.column} FROM ({common.select(options, text, day)})")
        write_deltalake(
            options.target, rows.to_arrow_reader(), mode="overwrite", predicate=f"{options.column} = '{day}'",
            partition_by=[options.column], writer_properties=properties,
        )  # fmt: skip
        if options.durable:
            sync_version(DeltaTable(options.target), day, options.column, options.target)
    common.report(started)


if __name__ == "__main__":
    main()
