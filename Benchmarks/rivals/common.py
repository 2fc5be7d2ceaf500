"""What the rivals share: their arguments, the days, and the statement of one day."""

import argparse
import datetime
import json
import os
import time


def arguments(description: str) -> argparse.ArgumentParser:
    """The arguments that every rival takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--source", required=True, help="folder with one file a day")
    parser.add_argument("--target", required=True, help="folder of the table")
    parser.add_argument("--column", required=True, help="partition column")
    parser.add_argument("--sql", required=True, help="file with one SELECT over `source`")
    parser.add_argument("--from", dest="first", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--to", dest="last", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--parquet-version", choices=["V1", "V2"], default="V1")
    parser.add_argument("--compression-level", type=int, default=3)
    return parser


def days(options: argparse.Namespace) -> list[str]:
    """The days from the first to the last, both included."""
    count = (options.last - options.first).days + 1
    return [str(options.first + datetime.timedelta(days=n)) for n in range(count)]


def select(options: argparse.Namespace, text: str, day: str) -> str:
    """The transform of one day, without the partition column, which is in the folder's name."""
    source = os.path.join(options.source, f"{day}.parquet")
    statement = text.replace("FROM source", f"FROM read_parquet('{source}')")
    return f"SELECT * EXCLUDE ({options.column}) FROM ({statement})"


def copy(options: argparse.Namespace, text: str, day: str, path: str) -> str:
    """The statement that writes one day."""
    return (
        f"COPY ({select(options, text, day)}) TO '{path}' "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {options.compression_level}, "
        f"PARQUET_VERSION {options.parquet_version})"
    )


def report(started: float) -> None:
    """Says how long the work took, without the start of Python and its imports."""
    print(json.dumps({"work_seconds": time.monotonic() - started}))
